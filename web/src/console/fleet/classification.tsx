import type { Schemas } from '../../parts/client'
import { fill } from '../../parts/texts'
import { Refused } from '../acts/refused'
import { useReading } from '../acts/use_act'
import * as reading from '../api/reading'
import { useDesk } from '../shell/desk'
import { wordFor } from '../shell/words'
import { Wide } from '../shell/wide'
import './print.css'

type Guard = Schemas['GuardView']

/** The proof that nothing is asked of contractors: each guard with its law and its evidence, to be printed. */
export function Classification() {
  const { texts, zone, language } = useDesk()
  const { data, problem, busy } = useReading(`classification ${zone.id}`, () => reading.classification(zone.id))
  const { classification: words } = texts
  return (
    <section class="card printed" aria-labelledby="classification-heading">
      <h3 id="classification-heading">{words.heading}</h3>
      {problem && <Refused problem={problem} texts={texts} />}
      {!data && busy && <p role="status">{texts.loading}</p>}
      {data && (
        <>
          <p class={data.holds ? 'good' : 'bad'}>
            <strong>{data.holds ? words.holds : data.complete ? words.broken : words.incomplete}</strong>
          </p>
          <p class="soft">
            {fill(words.as_of, {
              zone: zone.settings.name,
              time: new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short' }).format(new Date(data.as_of)),
              crowd: data.crowd_drivers,
              dedicated: data.dedicated_drivers,
            })}
          </p>
          {data.guards.map((guard) => (
            <GuardOf key={guard.guard} guard={guard} />
          ))}
          <button type="button" class="act unprinted" onClick={() => print()}>
            {words.print}
          </button>
        </>
      )}
    </section>
  )
}

function GuardOf({ guard }: { guard: Guard }) {
  const { texts, nameOf } = useDesk()
  const { classification: words } = texts
  return (
    <section>
      <h4>
        {wordFor(words.guard, guard.guard)}{' '}
        <span class={guard.holds ? 'good' : 'bad'}>{guard.holds ? words.pass : words.fail}</span>
      </h4>
      <p class="soft">
        <code>{guard.guard}</code>{' '}
        {guard.law.length
          ? guard.law.map((one) => `${one.jurisdiction}, ${one.since}: ${one.source} (${one.status})`).join('; ')
          : words.no_law}
      </p>
      <Wide label={wordFor(words.guard, guard.guard)}>
        <table>
          <thead>
            <tr>
              <th scope="col">{words.evidence}</th>
              <th scope="col">{words.found}</th>
              <th scope="col">{words.result}</th>
            </tr>
          </thead>
          <tbody>
            {guard.evidence.map((one) => (
              <tr key={one.about}>
                <td>
                  {wordFor(words.about, one.about)}
                  {one.checked !== null && one.checked !== undefined && (
                    <span class="soft"> {fill(words.checked, { count: one.checked })}</span>
                  )}
                </td>
                <td>
                  {one.found}
                  {one.driver_ids?.length ? ` (${one.driver_ids.map(nameOf).join(', ')})` : ''}
                </td>
                <td class={one.holds ? 'good' : 'bad'}>{one.holds ? words.pass : words.fail}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </section>
  )
}
