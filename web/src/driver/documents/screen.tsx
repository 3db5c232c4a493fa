import { useState } from 'preact/hooks'
import { type Schemas, api } from '../../parts/client'
import { fill } from '../../parts/texts'
import { useApp } from '../app'
import { writtenInFull } from '../days'
import { CameraIcon } from '../icons'
import { Head, Read } from '../parts/screen'
import { shrunk } from '../picture'
import { bodyOf, useReading } from '../reading'
import { type PaperTexts, paperTexts } from './texts'

type Paper = Schemas['PaperView']

const EVERY_MS = 60_000
const MOST_BYTES = 1_500_000
/** A document is read by a person, so it keeps more of its print than a photo of a parcel. */
const LONGEST_ANSWER_MS = 60_000

/** The driver's documents: what counts, what waits, what was refused and why, and the way to send one. */
export function DocumentsScreen() {
  const { queue, language } = useApp()
  const texts = paperTexts(language)
  const reading = useReading<Schemas['Folder']>(
    queue,
    'documents',
    async (signal) => bodyOf(await api.GET('/v1/driver/documents', { signal })),
    EVERY_MS,
  )
  return (
    <>
      <Head title={texts.heading} back="more" />
      <p class="soft">{texts.hint}</p>
      <Read of={reading}>
        {({ papers }) => (
          <div class="stack">
            {papers.map((paper) => (
              <PaperCard key={paper.kind} paper={paper} texts={texts} sent={reading.again} />
            ))}
          </div>
        )}
      </Read>
    </>
  )
}

const RENEW_BEFORE_MS = 60 * 86_400_000
/** One that lasts for longer needs no other one yet. */
const SHORT_OF: readonly Paper['state'][] = ['missing', 'refused', 'expired']

interface CardProps {
  paper: Paper
  texts: PaperTexts
  sent: () => void
}

function PaperCard({ paper, texts, sent }: CardProps) {
  const { language, now } = useApp()
  const { kind, state, latest, counts } = paper
  const day = paper.valid_until && writtenInFull(paper.valid_until, language)
  const isShort = SHORT_OF.includes(state) && (state === 'refused' || paper.needed_for !== 'more_work')
  const endsSoon = paper.valid_until !== null && Date.parse(paper.valid_until) < now() + RENEW_BEFORE_MS
  return (
    <section class={isShort && !counts && paper.needed_for === 'work' ? 'card card-bad' : 'card'}>
      <h2>{texts.kind[kind]}</h2>
      <p class={isShort ? 'bad' : counts || state === 'checked' ? 'kept' : 'soft'}>{texts.state[state]}</p>
      {state === 'approved' && day && <p>{fill(texts.until, { day })}</p>}
      {state === 'expired' && day && <p>{fill(texts.was_until, { day })}</p>}
      {(state === 'checked' || state === 'refused') && counts && (
        <p>{day ? fill(texts.still, { day }) : texts.still_counts}</p>
      )}
      {state === 'refused' && latest?.reason && <p>{texts.reason[latest.reason]}</p>}
      {state === 'refused' && latest?.words && <p class="note">{latest.words}</p>}
      <p class="soft">{texts.needed_for[paper.needed_for]}</p>
      {(state !== 'approved' || endsSoon) && <Send paper={paper} texts={texts} sent={sent} />}
    </section>
  )
}

/** Takes a photo, or a file as insurers send them, and sends it at once: staff wait for it, not the route. */
function Send({ paper, texts, sent }: CardProps) {
  const { online } = useApp()
  const [phase, set] = useState<'idle' | 'busy' | 'sent' | 'bad_file' | { code: string }>('idle')
  const send = async (input: HTMLInputElement): Promise<void> => {
    const file = input.files?.[0]
    input.value = '' // so that the same file may be chosen again
    if (!file || phase === 'busy') return
    set('busy')
    const picture = await shrunk(file, MOST_BYTES).catch(() => null)
    if (!picture) return set('bad_file')
    set(await sentAs(paper.kind, picture.blob, picture.sha256))
    sent()
  }
  const said = typeof phase === 'object' ? failureOf(texts.failed, phase.code) : null
  const label = paper.state === 'missing' ? texts.send : paper.state === 'approved' ? texts.renew : texts.send_again
  return (
    <>
      <div class="acts">
        {(['environment', undefined] as const).map((camera) => (
          <label key={String(camera)} class={camera ? 'shutter' : 'shutter shutter-done'}>
            <input
              type="file"
              accept="image/*"
              capture={camera}
              class="unseen"
              disabled={!online || phase === 'busy'}
              aria-label={`${camera ? label : texts.choose}: ${texts.kind[paper.kind]}`}
              onChange={(event) => void send(event.currentTarget)}
            />
            {camera && <CameraIcon />}
            {camera ? label : texts.choose}
          </label>
        ))}
      </div>
      <p role="status" class={said || phase === 'bad_file' ? 'bad' : 'soft'}>
        {!online && texts.offline}
        {phase === 'busy' && texts.busy}
        {phase === 'sent' && paper.state === 'checked' && texts.sent}
        {phase === 'bad_file' && texts.bad_file}
        {said}
      </p>
    </>
  )
}

async function sentAs(kind: Paper['kind'], blob: Blob, sha256: string): Promise<'sent' | { code: string }> {
  try {
    const { response, error } = await api.PUT('/v1/driver/documents/{kind}', {
      params: { path: { kind }, query: { sha256 } },
      body: blob as never, // the description of the API has no type for bytes
      bodySerializer: (body: unknown) => body as Blob,
      headers: { 'Content-Type': blob.type },
      signal: AbortSignal.timeout(LONGEST_ANSWER_MS),
    })
    return response.ok ? 'sent' : { code: (error as { code?: string } | undefined)?.code ?? '' }
  } catch {
    return { code: 'no_network' }
  }
}

/** The sentence for a code of the API. */
export function failureOf(texts: { other: string } & Record<string, string>, code: string): string {
  return texts[code] ?? fill(texts.other, { code })
}
