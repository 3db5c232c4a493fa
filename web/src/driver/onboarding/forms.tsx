import { api, type Schemas } from '../../parts/client'
import { fill } from '../../parts/texts'
import { AddressFields, Choice, Field, Form, Tick, addressOf } from './fields'
import type { OnboardingTexts } from './texts'

const LONGEST_ANSWER_MS = 20_000
const soon = (): AbortSignal => AbortSignal.timeout(LONGEST_ANSWER_MS)

type View = Schemas['OnboardingView']
type Pay = Schemas['PayDetails']

interface Props {
  texts: OnboardingTexts
  done: () => void
}

export const day = (moment: string, language: string): string =>
  new Date(moment).toLocaleDateString(language, { dateStyle: 'long' })

export function ConsentForm({ texts, done, view }: Props & { view: View }) {
  return (
    <Form
      texts={texts}
      label={texts.save}
      done={done}
      send={() =>
        api.POST('/v1/driver/onboarding/consent', {
          body: { version: view.consent_version, agreed: true },
          signal: soon(),
        })
      }
    >
      {texts.consent.text.map((one) => (
        <p key={one}>{one}</p>
      ))}
      <Tick name="agreed">{texts.consent.agree}</Tick>
    </Form>
  )
}

export function IdentityForm({ texts, done }: Props) {
  const words = texts.identity
  return (
    <Form
      texts={texts}
      label={texts.save}
      done={done}
      send={(given) =>
        api.PUT('/v1/driver/onboarding/identity', {
          body: { legal_name: given('legal_name'), born_on: given('born_on'), address: addressOf(given) },
          signal: soon(),
        })
      }
    >
      <Field name="legal_name" label={words.legal_name} maxLength={120} autocomplete="name" />
      <Field name="born_on" label={words.born_on} type="date" autocomplete="bday" />
      <AddressFields texts={texts} />
    </Form>
  )
}

const GRAMS = 1000
const WITH_A_PLATE = ['scooter', 'car', 'van']

export function VehicleForm({ texts, done, view }: Props & { view: View }) {
  const words = texts.vehicle_form
  const { kind, max_weight_g: weight, max_volume_l: volume, plate } = view.vehicle
  return (
    <Form
      texts={texts}
      label={texts.save}
      done={done}
      send={(given) =>
        api.PUT('/v1/driver/onboarding/vehicle', {
          body: {
            vehicle: {
              kind: given('kind') as Schemas['VehicleKind'],
              max_weight_g: Math.round(Number(given('weight')) * GRAMS),
              max_volume_l: Number(given('volume')),
              plate: given('plate') || null,
            },
          },
          signal: soon(),
        })
      }
    >
      <Choice name="kind" label={words.kind} of={texts.vehicle} chosen={kind} />
      <Field name="weight" label={words.weight} type="number" min={1} max={2000} defaultValue={weight / GRAMS} />
      <Field name="volume" label={words.volume} type="number" min={1} max={20_000} defaultValue={volume} />
      <Field
        name="plate"
        label={words.plate}
        maxLength={15}
        required={WITH_A_PLATE.includes(kind)}
        defaultValue={plate ?? ''}
      />
    </Form>
  )
}

export function TaxForm({ texts, done, pay, language }: Props & { pay: Pay | null; language: string }) {
  const words = texts.tax
  const kept = pay?.tax_form
  return (
    <Form
      texts={texts}
      label={texts.save}
      done={done}
      send={(given) =>
        api.PUT('/v1/driver/tax-form', {
          body: {
            name: given('name'),
            business_name: given('business_name') || null,
            classification: given('classification') as Schemas['Classification'],
            address: addressOf(given),
            tin_kind: given('tin_kind') as Schemas['TinKind'],
            tin: given('tin'),
            backup_withholding: given('backup') === 'on',
            electronic_forms: given('electronic') === 'on',
            signed_by: given('signed_by'),
            certified: true,
          },
          signal: soon(),
        })
      }
    >
      <p>{words.intro}</p>
      {kept && (
        <p class="soft">{fill(words.kept, { name: kept.name, number: kept.tin, day: day(kept.certified_at, language) })}</p>
      )}
      <Field name="name" label={words.name} maxLength={120} autocomplete="name" />
      <Field name="business_name" label={words.business_name} required={false} maxLength={120} />
      <Choice name="classification" label={words.classification} of={words.classifications} />
      <AddressFields texts={texts} />
      <Choice name="tin_kind" label={words.tin_kind} of={words.tin_kinds} />
      <Field name="tin" label={words.tin} inputmode="numeric" minLength={9} maxLength={15} autocomplete="off" />
      <Tick name="backup" required={false}>
        {words.backup}
      </Tick>
      <Tick name="electronic" required={false}>
        {words.electronic}
      </Tick>
      <Field name="signed_by" label={words.signed_by} maxLength={120} autocomplete="off" />
      <Tick name="certified">{words.certify}</Tick>
    </Form>
  )
}

export function BankForm({ texts, done, pay, language }: Props & { pay: Pay | null; language: string }) {
  const words = texts.bank
  const kept = pay?.bank_account
  return (
    <Form
      texts={texts}
      label={texts.save}
      done={done}
      send={(given) =>
        api.PUT('/v1/driver/bank-account', {
          body: {
            holder: given('holder'),
            kind: given('kind') as Schemas['AccountKind'],
            routing_number: given('routing'),
            account_number: given('account'),
          },
          signal: soon(),
        })
      }
    >
      <p>{words.intro}</p>
      {kept && (
        <>
          <p class="soft">
            {fill(words.kept, {
              holder: kept.holder,
              number: kept.account_number,
              day: day(`${kept.payable_from}T12:00:00`, language),
            })}
          </p>
          <p class="soft">{words.held}</p>
        </>
      )}
      <Field name="holder" label={words.holder} maxLength={120} autocomplete="name" />
      <Choice name="kind" label={words.kind} of={words.kinds} />
      <Field name="routing" label={words.routing} pattern="[0-9]{9}" inputmode="numeric" autocomplete="off" />
      <Field name="account" label={words.account} pattern="[0-9]{4,17}" inputmode="numeric" autocomplete="off" />
    </Form>
  )
}

export function Report({ texts, done, view, language }: Props & { view: View; language: string }) {
  const { report, check } = view
  const words = texts.report
  if (!report) return null
  return (
    <div class="stack report">
      <h2>{words.heading}</h2>
      <ul>
        {report.records.map((one) => (
          <li key={one.title + one.date}>
            {[one.title, one.date, one.place].filter(Boolean).join(', ')}
            {one.outcome && `: ${one.outcome}`}
          </li>
        ))}
      </ul>
      {report.records.length === 0 && <p>{words.empty}</p>}
      {view.decide_from && <p>{fill(words.until, { day: day(view.decide_from, language) })}</p>}
      <p>{words.rights}</p>
      {report.dispute && (
        <p>
          {words.disputed} <q>{report.dispute}</q>
        </p>
      )}
      {report.assessment && (
        <p>
          {words.assessment} <q>{report.assessment}</q>
        </p>
      )}
      {(check === 'noticed' || check === 'due') && (
        <Form
          texts={texts}
          label={words.send}
          done={done}
          send={(given) =>
            api.POST('/v1/driver/onboarding/dispute', { body: { text: given('text') }, signal: soon() })
          }
        >
          <label class="field">
            {words.dispute}
            <textarea name="text" rows={5} minLength={20} maxLength={2000} required />
          </label>
        </Form>
      )}
    </div>
  )
}
