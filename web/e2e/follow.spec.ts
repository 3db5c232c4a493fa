import { expect, story, test } from './pages'

test('a customer follows a delivery from the open link to the outcome', async ({ page }) => {
  test.setTimeout(180_000)
  const seen = async (title: string): Promise<void> =>
    expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible({ timeout: 45_000 })
  /** The page asks at its own pace; whoever comes back to it has an answer at once. */
  const look = async (): Promise<void> => {
    await page.reload()
  }

  const { tracking_url: link } = await story<{ tracking_url: string }>('followed', 'order')
  await page.goto(link)
  await seen('We have your order')
  await expect(page.getByText('Corner Shop', { exact: true })).toBeVisible()

  await page.getByLabel('How does the driver find your door?').fill('Second door on the left')
  await page.getByRole('button', { name: 'Send to the driver' }).click()
  await expect(page.getByText('Saved. The driver sees this at your door.')).toBeVisible()

  await story('followed', 'take')
  await seen('A driver is getting ready')
  await expect(page.getByText('Ada')).toBeVisible()
  await expect(page.locator('.map')).toHaveCount(0)

  await story('followed', 'fetch')
  await look()
  await seen('Your order is on board')

  await story('followed', 'set_out')
  await story('followed', 'come_near')
  await look()
  await seen('On the way to you')
  await expect(page.getByText('most likely between')).toBeVisible()
  await expect(page.locator('.map-shown')).toBeVisible({ timeout: 30_000 })
  await expect(page.locator('.pin-digits')).toHaveText(/^\d{4}$/)
  await expect(page.getByLabel('How does the driver find your door?')).toHaveCount(0)

  await story('followed', 'arrive')
  await seen('The driver is at your door')

  await story('followed', 'deliver')
  await seen('Delivered')
  await expect(page.getByText('It was handed over.')).toBeVisible()
  await expect(page.getByText('Ada')).toHaveCount(0)
  await expect(page.locator('.map')).toHaveCount(0)

  await page.locator('.star').nth(3).tap()
  await page.getByLabel('Comment').fill('Kind and quick')
  await page.getByRole('button', { name: 'Send the rating' }).click()
  await expect(page.getByText('Thank you. You gave 4 stars.')).toBeVisible()
  await page.getByLabel('Own amount').check()
  await page.getByLabel('Amount in').fill('3.50')
  await page.getByRole('button', { name: 'Give $3.50' }).click()
  await expect(page.getByText('Thank you. You gave the driver $3.50.')).toBeVisible()
  await look()
  await expect(page.getByText('Thank you. You gave 4 stars.')).toBeVisible()
  await expect(page.getByText('Thank you. You gave the driver $3.50.')).toBeVisible()
  await expect(page.getByRole('button', { name: /^Give/ })).toHaveCount(0)
})

test('a link that was cut off says so', async ({ page }) => {
  await page.goto('/t/cut')
  await expect(page.getByRole('heading', { name: 'This link is not right' })).toBeVisible()
  await page.goto('/t/')
  await expect(page.getByRole('heading', { name: 'This link is not right' })).toBeVisible()
})
