import type SignaturePad from 'signature_pad'
import { useEffect, useRef, useState } from 'preact/hooks'
import { useApp } from '../app'
import { CheckIcon } from '../icons'
import { hashed } from '../picture'
import type { Picture } from '../queue'
import { TextField } from './fields'

const WIDE = 640
const HIGH = 240
const LONGEST_NAME = 60

interface SignatureProps {
  taken: boolean
  keep: (picture: Picture) => Promise<boolean>
}

/** A signature by finger, or the name as it was typed, for whoever can't draw. */
export function SignatureField({ taken, keep }: SignatureProps) {
  const { texts } = useApp()
  const [again, signAgain] = useState(false)
  const done = taken && !again
  const [typing, type] = useState(false)
  const canvas = useRef<HTMLCanvasElement>(null)
  const pad = useRef<SignaturePad | null>(null)
  const [name, write] = useState('')
  const [drawn, setDrawn] = useState(false)

  useEffect(() => {
    if (done || typing) return
    let gone = false
    const open = async (): Promise<void> => {
      const { default: Pad } = await import('signature_pad')
      if (gone || !canvas.current) return
      pad.current = new Pad(canvas.current, { penColor: '#101418', backgroundColor: '#ffffff', minWidth: 1.5, maxWidth: 4 })
      pad.current.addEventListener('endStroke', () => setDrawn(true))
    }
    void open()
    return () => {
      gone = true
      pad.current?.off()
      pad.current = null
    }
  }, [done, typing])

  const save = async (): Promise<void> => {
    const place = typing ? writtenName(name.trim()) : canvas.current
    if (!place) return
    const blob = await new Promise<Blob | null>((then) => place.toBlob(then, 'image/png'))
    if (blob && (await keep(await hashed(blob)))) signAgain(false)
  }
  const ready = typing ? name.trim().length > 1 : drawn
  if (done) {
    return (
      <section class="card capture">
        <h2>{texts.do.signature}</h2>
        <p role="status" class="kept">
          <CheckIcon /> {texts.do.sign_kept}
        </p>
        <button
          type="button"
          class="button button-quiet"
          onClick={() => {
            signAgain(true)
            setDrawn(false)
          }}
        >
          {texts.do.sign_again}
        </button>
      </section>
    )
  }
  return (
    <section class="card capture">
      <h2>{texts.do.signature}</h2>
      {typing ? (
        <TextField label={texts.do.sign_name} value={name} write={write} most={LONGEST_NAME} />
      ) : (
        <>
          <p class="soft">{texts.do.sign_here}</p>
          <canvas class="signature" width={WIDE} height={HIGH} ref={canvas} role="img" aria-label={texts.do.sign_here} />
        </>
      )}
      <div class="acts">
        <button type="button" class="button" aria-disabled={!ready} onClick={() => ready && void save()}>
          {texts.do.sign_keep}
        </button>
        {!typing && (
          <button
            type="button"
            class="button button-quiet"
            onClick={() => {
              pad.current?.clear()
              setDrawn(false)
            }}
          >
            {texts.do.sign_clear}
          </button>
        )}
        <button type="button" class="button button-quiet" onClick={() => type(!typing)}>
          {typing ? texts.do.sign_here : texts.do.sign_typed}
        </button>
      </div>
    </section>
  )
}

function writtenName(name: string): HTMLCanvasElement {
  const place = document.createElement('canvas')
  place.width = WIDE
  place.height = HIGH
  const ink = place.getContext('2d')
  if (!ink) return place
  ink.fillStyle = '#ffffff'
  ink.fillRect(0, 0, WIDE, HIGH)
  ink.fillStyle = '#101418'
  ink.font = 'italic 44px cursive'
  ink.textBaseline = 'middle'
  ink.fillText(name, 24, HIGH / 2, WIDE - 48)
  return place
}
