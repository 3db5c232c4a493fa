import { useEffect, useState } from 'preact/hooks'
import { api, type Schemas } from '../../parts/client'
import { Loading } from '../../parts/states'
import { fill } from '../../parts/texts'
import { addressOf, go } from '../address'
import { useApp } from '../app'
import { Head } from '../parts/screen'
import { BankForm, ConsentForm, IdentityForm, Report, TaxForm, VehicleForm } from './forms'
import './onboarding.css'
import { type OnboardingTexts, loadTexts } from './texts'
import { type StepName, saidOf } from './words'

type View = Schemas['OnboardingView']
type Step = Schemas['OnboardingStep']
type Pay = Schemas['PayDetails']

const LOOK_EVERY_MS = 20_000

interface Known {
  view: View | null
  pay: Pay | null
  trouble: boolean
}

/** The steps of an application, or one of them. Whoever applies sees nothing else of the app. */
export function OnboardingScreen({ id }: { id: string }) {
  const app = useApp()
  const [texts, setTexts] = useState<OnboardingTexts | null>(null)
  const [{ view, pay, trouble }, set] = useState<Known>({ view: null, pay: null, trouble: false })
  const look = async (): Promise<void> => {
    try {
      const [steps, money] = await Promise.all([api.GET('/v1/driver/onboarding'), api.GET('/v1/driver/money')])
      const told = { pay: money.data ?? null, trouble: !steps.data }
      set((before) => ({ view: steps.data ?? before.view, ...told }))
      if (steps.data?.state === 'approved') app.me.again()
    } catch {
      set((before) => ({ ...before, trouble: true }))
    }
  }
  useEffect(() => {
    void loadTexts().then((loaded) => setTexts(loaded.texts))
    void look()
    const timer = setInterval(() => document.visibilityState === 'visible' && void look(), LOOK_EVERY_MS)
    return () => clearInterval(timer)
  }, [])
  if (!texts) return <Loading label={app.texts.again} />
  if (!view) {
    return trouble ? (
      <div class="empty">
        <p role="status">{texts.offline}</p>
        <button type="button" class="button button-quiet" onClick={() => void look()}>
          {texts.again}
        </button>
      </div>
    ) : (
      <Loading label={texts.loading} />
    )
  }
  const step = view.steps.find((one) => one.name === id)
  const done = (): void => {
    void look()
    go('onboarding')
  }
  return step ? (
    <OneStep step={step} view={view} pay={pay} texts={texts} done={done} />
  ) : (
    <AllSteps view={view} texts={texts} />
  )
}

function AllSteps({ view, texts }: { view: View; texts: OnboardingTexts }) {
  const { signOut } = useApp()
  const done = view.steps.filter((step) => step.state === 'done').length
  return (
    <>
      <Head title={texts.heading} />
      <div class="stack">
        {view.state === 'open' ? (
          <p>{texts.intro}</p>
        ) : (
          <p class="card" role="status">
            {texts.over[view.state]}
          </p>
        )}
        <p class="soft">{fill(texts.progress, { done, all: view.steps.length })}</p>
        <progress class="steps-done" value={done} max={view.steps.length} aria-hidden="true" />
        <ol class="steps">
          {view.steps.map((step) => (
            <li key={step.name}>
              <a class={`card step step-${step.state}`} href={addressOf('onboarding', step.name)}>
                <span class="step-name">{texts.step[step.name]}</span>
                <span class="step-state">{texts.state[step.state]}</span>
                <span class="step-why">{saidOf(step, texts)}</span>
              </a>
            </li>
          ))}
        </ol>
        <button type="button" class="button button-quiet" onClick={signOut}>
          {texts.sign_out}
        </button>
      </div>
    </>
  )
}

interface StepProps {
  step: Step
  view: View
  pay: Pay | null
  texts: OnboardingTexts
  done: () => void
}

function OneStep({ step, view, pay, texts, done }: StepProps) {
  const { language } = useApp()
  const shared = { texts, done, view, pay, language }
  const given = step.state === 'done'
  const forms: Partial<Record<StepName, () => preact.JSX.Element | null>> = {
    consent: () => (given ? null : <ConsentForm {...shared} />),
    identity: () => (view.check === 'awaited' ? <IdentityForm {...shared} /> : <p>{texts.identity.used}</p>),
    background_check: () => <Report {...shared} />,
    documents: () => <Way to="documents">{texts.send_papers}</Way>,
    vehicle: () => (
      <>
        <VehicleForm {...shared} />
        <Way to="documents">{texts.send_papers}</Way>
      </>
    ),
    tax_form: () => <TaxForm {...shared} />,
    bank_account: () => <BankForm {...shared} />,
    training: () => <Way to="training">{texts.open_training}</Way>,
  }
  return (
    <>
      <Head title={texts.step[step.name]} back="onboarding" />
      <div class="stack">
        <p class="soft" role="status">
          {texts.state[step.state]}. {saidOf(step, texts)}
        </p>
        {view.state === 'open' || step.name === 'background_check' ? forms[step.name]?.() : null}
      </div>
    </>
  )
}

const Way = ({ to, children }: { to: string; children: string }) => (
  <a class="button" href={addressOf(to)}>
    {children}
  </a>
)
