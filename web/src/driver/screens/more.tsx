import { useState } from 'preact/hooks'
import { chooseLanguage, fill } from '../../parts/texts'
import { addressOf } from '../address'
import { useApp } from '../app'
import { missingDocuments } from '../compliance'
import { writtenInFull } from '../days'
import type { Driver } from '../model'
import { NAVIGATORS, type Navigator, chooseNavigator, chosenNavigator } from '../navigation'
import { Head, Read } from '../parts/screen'
import { Installing } from '../parts/installing'
import { PushCard } from '../parts/push_card'
import { SecondFactor } from '../parts/second_factor'
import { Storage } from '../parts/storage'

/** Each language in its own name, so that whoever reads only that one finds it. */
const LANGUAGES = { en: 'English', es: 'Español', de: 'Deutsch' }

/** The driver's account, and how the app behaves on this phone. */
export function MoreScreen() {
  const { texts, me, status, owner, awake, signOut } = useApp()
  return (
    <>
      <Head title={texts.settings.heading} />
      <div class="stack">
        <Installing />
        <PushCard />
        <section class="card">
          <h2>{texts.settings.account}</h2>
          <p>{fill(texts.settings.signed_in, { name: owner })}</p>
          <Read of={me}>{(driver) => <Account driver={driver} />}</Read>
          <a class="way" href={addressOf('documents')}>
            {texts.settings.documents}
          </a>
          <a class="way" href={addressOf('training')}>
            {texts.settings.training}
          </a>
          <a class="way" href={addressOf('extra')}>
            {texts.settings.extra}
          </a>
          <a class="way" href={addressOf('blocks')}>
            {texts.settings.blocks}
          </a>
          <a class="way" href={addressOf('work')}>
            {texts.settings.work}
          </a>
          <a class="way" href={addressOf('standing')}>
            {texts.settings.standing}
          </a>
          <a class="way" href={addressOf('claims')}>
            {texts.settings.claims}
          </a>
        </section>
        <section class="card stack">
          <Language />
          <NavigatorChoice />
          <p class="soft">{awake ? texts.settings.screen_on : texts.settings.screen_off}</p>
        </section>
        {!me.value?.onboarding && (
          <section class="card">
            <a class="way" href={addressOf('money')}>
              {texts.onboarding.money}
            </a>
            <a class="way" href={addressOf('tax')}>
              {texts.settings.tax}
            </a>
          </section>
        )}
        <SecondFactor />
        <Storage />
        <section class="card">
          <a class="way" href={addressOf('data')}>
            {texts.my_data.heading}
          </a>
          <a class="way" href={addressOf('waiting')}>
            {texts.waiting.heading}
          </a>
          {status.pending > 0 && <p class="note">{fill(texts.settings.sign_out_waiting, { count: status.pending })}</p>}
          <div class="acts">
            <button type="button" class="button button-quiet" onClick={signOut}>
              {texts.settings.sign_out}
            </button>
          </div>
        </section>
      </div>
    </>
  )
}

function Account({ driver }: { driver: Driver }) {
  const { texts, language, now } = useApp()
  const missing = missingDocuments(driver, now())
  return (
    <dl class="facts">
      <dt>{texts.settings.vehicle}</dt>
      <dd>{[texts.vehicle[driver.vehicle.kind], driver.vehicle.plate].filter(Boolean).join(', ')}</dd>
      <dt>{texts.settings.rating}</dt>
      <dd>{new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(driver.rating)} ★</dd>
      <dt>{texts.settings.documents}</dt>
      <dd>
        <ul class="plain">
          {driver.documents.map(({ kind, valid_until: day }) => (
            <li key={kind}>
              {texts.document[kind]}:{' '}
              {missing.includes(kind) ? (
                <span class="bad">{texts.settings.expired}</span>
              ) : (
                fill(texts.settings.valid_until, { day: writtenInFull(day, language) })
              )}
            </li>
          ))}
          {missing
            .filter((kind) => !driver.documents.some((one) => one.kind === kind))
            .map((kind) => (
              <li key={kind}>
                {texts.document[kind]}: <span class="bad">{texts.settings.missing}</span>
              </li>
            ))}
        </ul>
      </dd>
    </dl>
  )
}

function Language() {
  const { texts, language } = useApp()
  const choose = (tag: string): void => {
    chooseLanguage(tag)
    location.reload()
  }
  return (
    <label class="field">
      {texts.settings.language}
      <select value={language.split('-')[0]} onChange={(event) => choose(event.currentTarget.value)}>
        {Object.entries(LANGUAGES).map(([tag, name]) => (
          <option key={tag} value={tag} lang={tag}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}

function NavigatorChoice() {
  const { texts } = useApp()
  const [chosen, set] = useState(chosenNavigator)
  const choose = (navigator: Navigator): void => {
    chooseNavigator(navigator)
    set(navigator)
  }
  return (
    <label class="field">
      {texts.settings.navigator}
      <select value={chosen} onChange={(event) => choose(event.currentTarget.value as Navigator)}>
        {NAVIGATORS.map((navigator) => (
          <option key={navigator} value={navigator}>
            {texts.stop.navigator[navigator]}
          </option>
        ))}
      </select>
    </label>
  )
}
