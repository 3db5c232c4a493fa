import { useEffect, useState } from 'preact/hooks'
import { api, type Schemas } from '../../parts/client'
import { Loading } from '../../parts/states'
import { Choice, Field, Form } from './fields'
import './onboarding.css'
import { type OnboardingTexts, loadTexts } from './texts'

type Zone = Schemas['OpenZone']

const LONGEST_ANSWER_MS = 20_000

/** The form of whoever wants to drive; nobody has to be signed in. */
export function Apply({ page, signIn }: { page: string; signIn: () => void }) {
  const [texts, setTexts] = useState<OnboardingTexts | null>(null)
  const [zones, setZones] = useState<readonly Zone[] | null>(null)
  const [trouble, setTrouble] = useState(false)
  const [sent, setSent] = useState(false)
  const look = async (): Promise<void> => {
    setTrouble(false)
    try {
      const { data } = await api.GET('/v1/applications/zones', { signal: AbortSignal.timeout(LONGEST_ANSWER_MS) })
      setZones(data?.zones ?? [])
    } catch {
      setTrouble(true)
    }
  }
  useEffect(() => {
    void loadTexts().then((loaded) => setTexts(loaded.texts))
    void look()
  }, [])
  if (!texts) return <Loading label="…" />
  const words = texts.apply
  return (
    <main class="sign-in">
      <p class="sign-in-page">{page}</p>
      <h1>{sent ? words.received : words.heading}</h1>
      {sent ? (
        <p role="status">{words.received_text}</p>
      ) : trouble ? (
        <>
          <p role="status">{texts.offline}</p>
          <button type="button" class="button button-quiet" onClick={() => void look()}>
            {texts.again}
          </button>
        </>
      ) : !zones ? (
        <p role="status">{texts.loading}</p>
      ) : zones.length === 0 ? (
        <p role="status">{words.none}</p>
      ) : (
        <Form
          texts={texts}
          label={words.send}
          done={() => setSent(true)}
          send={(given) =>
            api.POST('/v1/applications', {
              params: { header: { 'idempotency-key': crypto.randomUUID() } },
              body: {
                name: given('name'),
                email: given('email'),
                phone: given('phone'),
                zone_id: given('zone'),
                vehicle: given('vehicle') as Schemas['VehicleKind'],
              },
              signal: AbortSignal.timeout(LONGEST_ANSWER_MS),
            })
          }
        >
          <p>{words.text}</p>
          <Field name="name" label={words.name} maxLength={120} autocomplete="name" />
          <Field name="email" label={words.email} type="email" maxLength={254} autocomplete="email" />
          <Field name="phone" label={words.phone} type="tel" pattern="\+[0-9 ().\-]{6,30}" autocomplete="tel" />
          <Choice name="zone" label={words.zone} of={Object.fromEntries(zones.map((zone) => [zone.id, zone.name]))} />
          <Choice name="vehicle" label={words.vehicle} of={texts.vehicle} chosen="car" />
          <p class="soft">{words.rights}</p>
        </Form>
      )}
      <button type="button" class="sign-in-other" onClick={signIn}>
        {words.sign_in}
      </button>
    </main>
  )
}
