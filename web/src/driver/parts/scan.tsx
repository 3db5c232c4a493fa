import { useEffect, useRef, useState } from 'preact/hooks'
import { fill } from '../../parts/texts'
import { useApp } from '../app'
import { CameraIcon } from '../icons'
import type { ScanTrouble, Scanned } from '../scanner'

interface ScanProps {
  count: number
  codes: readonly string[]
  change: (codes: string[]) => void
}

const LONGEST_CODE = 200
const LABEL = /^[!"%-?A-Z_a-z]{1,48}$/

/** Scans parcels with the camera, or takes codes that are typed. */
export function ScanField({ count, codes, change }: ScanProps) {
  const { texts } = useApp()
  const [typed, write] = useState('')
  const [said, say] = useState('')
  const known = useRef(codes)
  known.current = codes

  const add = (read: string): void => {
    const code = read.trim()
    if (!code) return
    if (known.current.includes(code)) return say(fill(texts.scan.known, { code }))
    navigator.vibrate?.(80)
    say(fill(texts.scan.added, { code }))
    known.current = [...known.current, code]
    change([...known.current])
  }
  const submit = (event: Event): void => {
    event.preventDefault()
    add(typed)
    write('')
  }
  return (
    <section class="card capture">
      <h2>{texts.scan.heading}</h2>
      <p class="scan-count">{fill(texts.scan.progress, { done: codes.length, count })}</p>
      {codes.length < count && <Camera found={(code) => LABEL.test(code) && add(code)} what="parcel" />}
      <form class="typed" onSubmit={submit}>
        <label class="field">
          <span>{texts.scan.type}</span>
          <input
            value={typed}
            maxLength={LONGEST_CODE}
            autocomplete="off"
            autocapitalize="characters"
            spellcheck={false}
            enterkeyhint="done"
            onInput={(event) => write(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="button button-quiet">
          {texts.scan.add}
        </button>
      </form>
      {codes.length > 0 && (
        <ul class="codes">
          {codes.map((code) => (
            <li key={code}>
              <span>{code}</span>
              <button
                type="button"
                aria-label={fill(texts.scan.remove, { code })}
                onClick={() => change(codes.filter((one) => one !== code))}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
      <p role="status" class="soft">
        {said}
      </p>
    </section>
  )
}

/** The camera, which looks for barcodes while it is on. */
export function Camera({ found, what }: { found: (code: string) => void; what: Scanned }) {
  const { texts } = useApp()
  const [phase, set] = useState<'off' | 'starting' | 'on' | ScanTrouble>('off')
  const wanted = phase === 'starting' || phase === 'on'
  const video = useRef<HTMLVideoElement>(null)
  const heard = useRef(found)
  heard.current = found

  useEffect(() => {
    if (!wanted) return
    let stop = (): void => {}
    let gone = false
    const open = async (): Promise<void> => {
      const { ScanError, scan } = await import('../scanner')
      try {
        if (!video.current) return
        stop = await scan(video.current, (code) => heard.current(code), what)
        if (gone) stop()
        else set('on')
      } catch (error) {
        if (!gone) set(error instanceof ScanError ? error.trouble : 'failed')
      }
    }
    void open()
    return () => {
      gone = true
      stop()
    }
  }, [wanted])

  const looking = what === 'document' ? texts.law.looking : texts.scan.looking
  const told = { off: '', starting: texts.scan.camera_starting, on: looking }
  const trouble = { denied: texts.scan.camera_denied, failed: texts.scan.camera_failed }
  return (
    <>
      {wanted && <video class="viewfinder" ref={video} muted playsInline aria-label={looking} />}
      <button type="button" class={wanted ? 'button button-quiet' : 'button'} onClick={() => set(wanted ? 'off' : 'starting')}>
        <CameraIcon />
        {wanted ? texts.scan.camera_off : texts.scan.camera}
      </button>
      <p role="status" class={phase in trouble ? 'bad' : 'soft'}>
        {{ ...told, ...trouble }[phase]}
      </p>
    </>
  )
}
