import { useApp } from '../app'
import type { Refusal } from '../queue'
import { refusalSaid } from './words'

/** Why a step was refused, and what to do. The API's own sentence, which is in English, is added for who reads it. */
export function Refused({ refusal }: { refusal: Refusal }) {
  const app = useApp()
  const isRead = app.language.startsWith('en') && refusal.detail
  return (
    <>
      <p>{refusalSaid(app, refusal)}</p>
      {isRead && <p class="soft">{refusal.detail}</p>}
    </>
  )
}
