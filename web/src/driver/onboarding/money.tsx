import { useEffect, useState } from 'preact/hooks'
import { api, type Schemas } from '../../parts/client'
import { Loading } from '../../parts/states'
import { useApp } from '../app'
import { Head } from '../parts/screen'
import { BankForm, TaxForm } from './forms'
import './onboarding.css'
import { type OnboardingTexts, loadTexts } from './texts'

type Pay = Schemas['PayDetails']

/** Tax form and bank account of whoever drives already. */
export function MoneyScreen() {
  const { language } = useApp()
  const [texts, setTexts] = useState<OnboardingTexts | null>(null)
  const [pay, set] = useState<Pay | null>(null)
  const [trouble, setTrouble] = useState(false)
  const look = async (): Promise<void> => {
    try {
      const { data } = await api.GET('/v1/driver/money')
      set(data ?? null)
      setTrouble(!data)
    } catch {
      setTrouble(true)
    }
  }
  useEffect(() => {
    void loadTexts().then((loaded) => setTexts(loaded.texts))
    void look()
  }, [])
  if (!texts) return <Loading label="…" />
  const shared = { texts, pay, language, done: () => void look() }
  return (
    <>
      <Head title={texts.money.heading} back="more" />
      <div class="stack">
        {trouble && <p role="status">{texts.offline}</p>}
        <section class="card" key={`tax ${pay?.tax_form?.certified_at}`}>
          <h2>{texts.step.tax_form}</h2>
          <TaxForm {...shared} />
        </section>
        <section class="card" key={`bank ${pay?.bank_account?.given_at}`}>
          <h2>{texts.step.bank_account}</h2>
          <BankForm {...shared} />
        </section>
      </div>
    </>
  )
}
