import { type Page, test as base } from '@playwright/test'
import { answerConsole } from './console_views'
import { ME, answerDriver } from './driver_views'
import { SIZES, examine } from './examine'
import { expect, test } from './pages'

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const NARROW = { narrow: { width: 320, height: 640 }, ...SIZES }

const latest = (changes: object) => ({
  document_id: 'doc_1',
  kind: 'insurance',
  state: 'refused',
  announced_at: '2026-06-01T10:00:00Z',
  decided_at: '2026-06-01T11:00:00Z',
  valid_until: null,
  reason: 'blurred',
  words: null,
  ...changes,
})
const paper = (kind: string, state: string, changes: object = {}) => ({
  kind,
  state,
  needed_for: 'work',
  valid_until: null,
  counts: false,
  latest: null,
  ...changes,
})
const PAPERS = [
  paper('identity', 'approved', { valid_until: '2031-05-01', counts: true }),
  paper('profile_photo', 'checked', { needed_for: 'application', latest: latest({ kind: 'profile_photo', state: 'checked', reason: null }) }),
  paper('driving_licence', 'missing'),
  paper('insurance', 'refused', { valid_until: '2026-12-12', counts: true, latest: latest({ reason: 'other', words: 'The lower edge is cut off. Please send the whole card.' }) }),
  paper('vehicle_registration', 'expired', { valid_until: '2026-05-01' }),
  paper('alcohol_certificate', 'missing', { needed_for: 'more_work' }),
]

async function documentsOf(page: Page, papers: object[] = PAPERS): Promise<string[]> {
  const sent: string[] = []
  await answerDriver(page, { me: ME })
  await page.route('**/v1/driver/documents**', async (call) => {
    if (call.request().method() === 'GET') return call.fulfill({ json: { papers } })
    sent.push(new URL(call.request().url()).pathname)
    return call.fulfill({ status: 201, json: latest({ state: 'checked', reason: null }) })
  })
  await page.goto('/driver/#/documents')
  return sent
}

test('driver_papers: what counts, what was refused and why, and what is missing', async ({ page }) => {
  await documentsOf(page)
  await expect(page.getByText('The lower edge is cut off.')).toBeVisible()
  await expect(page.getByText('An earlier one counts until Dec 12, 2026')).toBeVisible()
  await examine(page, undefined, NARROW)
})

test('a photo of a document is sent at once', async ({ page }) => {
  const sent = await documentsOf(page)
  const file = { name: 'licence.png', mimeType: 'image/png', buffer: Buffer.from(PIXEL, 'base64') }
  await page.getByLabel('Take a photo: Driving licence').setInputFiles(file)
  await expect.poll(() => sent).toEqual(['/v1/driver/documents/driving_licence'])
})

const LINE = {
  module: 'alcohol_training',
  title: 'Delivering alcohol',
  summary: 'Age 21, sobriety, sealed goods, and what to do otherwise.',
  vertical: 'alcohol',
  grants: 'alcohol_training',
  holds: false,
  valid_until: null,
  questions: 2,
  pass_percent: 100,
  attempts_left: 2,
  next_attempt_at: null,
}
const QUESTIONS = [
  { question: 'drunk', text: 'The customer is 40 with a valid ID, and seems drunk. What do you do?', answers: [{ answer: 'a', text: 'Hand over; the age is right.' }, { answer: 'c', text: 'Refuse, and choose the reason in the app.' }] },
  { question: 'gift', text: 'Nobody may receive the wine. Where does it go?', answers: [{ answer: 'c', text: 'Back to the retailer, on the same day.' }, { answer: 'b', text: 'Into the waste.' }] },
]

async function trainingOf(page: Page, passed: boolean): Promise<unknown[]> {
  const sent: unknown[] = []
  await answerDriver(page, { me: ME })
  await page.route('**/v1/driver/trainings**', async (call) => {
    const { pathname } = new URL(call.request().url())
    if (pathname.endsWith('/answers')) {
      sent.push(call.request().postDataJSON())
      const right = passed ? 2 : 1
      return call.fulfill({ json: { attempt_id: 'att_1', right, asked: 2, passed, read_again: passed ? [] : ['otherwise'], valid_until: passed ? '2028-06-01' : null, attempts_left: 1, next_attempt_at: null } })
    }
    if (pathname.endsWith('/attempts')) return call.fulfill({ json: { attempt_id: 'att_1', begun_at: '2026-06-01T10:00:00Z', questions: QUESTIONS } })
    if (pathname.endsWith('/trainings')) return call.fulfill({ json: { trainings: [LINE, { ...LINE, module: 'safety_training', title: 'Safety on the road', holds: true, valid_until: '2028-01-01' }] } })
    return call.fulfill({ json: { ...LINE, pages: [{ page: 'person', title: 'To whom', text: 'Alcohol goes only to a person of 21 years or more.' }, { page: 'otherwise', title: 'If it can not be handed over', text: 'Bring the goods back to the retailer.' }] } })
  })
  await page.goto('/driver/#/training')
  return sent
}

test('driver_training: all trainings, then the pages of one and its quiz', async ({ page }) => {
  const sent = await trainingOf(page, false)
  await expect(page.getByText('Passed until Jan 1, 2028')).toBeVisible()
  await examine(page)
  await page.getByRole('link', { name: 'Read: Delivering alcohol' }).click()
  await page.getByRole('button', { name: 'Answer the questions' }).click()
  await page.getByRole('button', { name: 'Send the answers' }).click()
  await expect(page.getByText('Answer every question first.')).toBeVisible()
  await page.getByRole('radio', { name: 'Refuse, and choose' }).check()
  await page.getByRole('radio', { name: 'Into the waste.' }).check()
  await examine(page, 'driver_quiz', NARROW)
  await page.getByRole('button', { name: 'Send the answers' }).click()
  await expect(page.getByText('Not passed: 1 of 2 right.')).toBeVisible()
  await expect(page.getByText('Read again: If it can not be handed over')).toBeVisible()
  expect(sent).toEqual([{ answers: [{ question: 'drunk', answer: 'c' }, { question: 'gift', answer: 'b' }] }])
})

const DESK = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } }
const reviewed = (id: string, kind: string, day: string | null) => ({
  ...latest({ document_id: id, kind, state: 'checked', reason: null, decided_at: null }),
  driver_id: 'ada',
  arrived_at: '2026-06-01T10:00:00Z',
  decided_by: null,
  latest_day: day,
  has_picture: true,
})
const WAITING = [
  { document_id: 'doc_1', driver_id: 'ada', name: 'Ada Lund', kind: 'insurance', waits_since: '2026-06-01T10:00:00Z' },
  { document_id: 'doc_2', driver_id: 'ada', name: 'Ada Lund', kind: 'vehicle_front', waits_since: '2026-06-01T10:05:00Z' },
]
const FOLDER = {
  driver_id: 'ada',
  name: 'Ada Lund',
  plate: 'ABC 1234',
  papers: PAPERS,
  documents: [reviewed('doc_1', 'insurance', '2027-07-06'), reviewed('doc_2', 'vehicle_front', null)],
}

async function review(page: Page, answers: Record<string, unknown> = {}): Promise<unknown[]> {
  const sent: unknown[] = []
  const decided = (request: { postDataJSON: () => unknown }) => {
    sent.push(request.postDataJSON())
    return FOLDER.documents[0]
  }
  const waiting = () => ({ documents: WAITING.slice(sent.length), next_after: null })
  await answerConsole(
    page,
    {
      '/v1/staff/documents': waiting,
      '/v1/staff/drivers/ada/documents': FOLDER,
      '/v1/staff/drivers/ada/documents/doc_1/approve': decided,
      '/v1/staff/drivers/ada/documents/doc_2/refuse': decided,
      ...answers,
    },
    ['support'],
  )
  await page.route('**/picture', (route) => route.fulfill({ contentType: 'image/png', body: Buffer.from(PIXEL, 'base64') }))
  await page.goto('/console/harbour/documents')
  return sent
}

test.describe('the console', () => {
  test.use({ viewport: DESK.desktop, hasTouch: false })

  test('documents: a picture beside the name, and a decision by keyboard alone', async ({ page }) => {
    const sent = await review(page)
    await expect(page.getByText('ABC 1234')).toBeVisible()
    await examine(page, `console-${base.info().title.split(':')[0]}`, DESK)
    await page.getByLabel('Last day, as the document says').fill('2027-06-01')
    await page.keyboard.press('Enter')
    await expect(page.getByText('Ada Lund: Insurance approved.')).toBeVisible()
    await expect(page.getByRole('heading', { name: 'Vehicle, front' })).toBeFocused()
    await page.getByLabel('Reason of a refusal').selectOption('vehicle_differs')
    await page.getByRole('button', { name: 'Refuse' }).press('Enter')
    await expect(page.getByText('No document waits.')).toBeVisible()
    expect(sent).toEqual([{ valid_until: '2027-06-01' }, { reason: 'vehicle_differs', words: null }])
  })

  test('documents_late: who decides second is told who was first', async ({ page }) => {
    const detail = 'ben approved the insurance until 2027-05-01 at 2026-06-01T11:00:00Z; read it again.'
    await review(page, { '/v1/staff/drivers/ada/documents/doc_1/approve': { status: 409, code: 'decided_already', detail } })
    await page.getByLabel('Last day, as the document says').fill('2027-06-01')
    await page.getByRole('button', { name: 'Approve' }).click()
    await expect(page.getByText('ben approved the insurance')).toBeVisible()
  })
})
