import { useEffect, useState } from 'preact/hooks'
import { fill } from '../../parts/texts'
import { Refused } from '../acts/refused'
import { useReading } from '../acts/use_act'
import * as reading from '../api/reading'
import { useDesk } from './desk'
import { shortId } from './words'

const SHORTEST = 3
const REST_MS = 300

/** Find an order or a driver of any zone by id, number, name or plate. */
export function Search() {
  const { texts, go } = useDesk()
  const [words, write] = useState('')
  const [asked, ask] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => ask(words.trim().length >= SHORTEST ? words.trim() : ''), REST_MS)
    return () => clearTimeout(timer)
  }, [words])
  const { data, problem } = useReading(asked || null, () => reading.search(asked))
  const leave = (): void => write('')
  const none = data && data.deliveries.length + data.drivers.length === 0
  return (
    <search class="search">
      <label>
        <span class="unseen">{texts.search.label}</span>
        <input
          type="search"
          placeholder={texts.search.label}
          value={words}
          autoComplete="off"
          onInput={({ currentTarget }) => write(currentTarget.value)}
          onKeyDown={({ key }) => key === 'Escape' && leave()}
        />
      </label>
      {asked && words && (
        <div class="found">
          {problem && <Refused problem={problem} texts={texts} />}
          <p class="unseen" role="status">
            {data && fill(texts.search.count, { count: data.deliveries.length + data.drivers.length })}
          </p>
          {none && <p class="empty">{texts.search.none}</p>}
          <ul class="rows">
            {data?.deliveries.map((line) => (
              <li key={line.id}>
                <button
                  type="button"
                  class="row-open"
                  onClick={() => {
                    go({ view: 'live', zone: line.zone_id, delivery: line.id, driver: null })
                    leave()
                  }}
                >
                  <strong>{line.order_number ?? `…${shortId(line.id)}`}</strong> {texts.state[line.state]}{' '}
                  <span class="soft">{line.external_id}</span>
                </button>
              </li>
            ))}
            {data?.drivers.map((driver) => (
              <li key={driver.driver_id}>
                <button
                  type="button"
                  class="row-open"
                  onClick={() => {
                    go({ view: 'live', driver: driver.driver_id, delivery: null, ...(driver.zone_id ? { zone: driver.zone_id } : {}) })
                    leave()
                  }}
                >
                  <strong>{driver.name ?? `…${shortId(driver.driver_id)}`}</strong>{' '}
                  <span class="soft">{driver.on_duty ? texts.search.on_duty : texts.driver.off_duty}</span>
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
    </search>
  )
}
