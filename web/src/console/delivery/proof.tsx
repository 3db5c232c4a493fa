import { useState } from 'preact/hooks'
import { fill } from '../../parts/texts'
import { timeOfDay } from '../../parts/time'
import { Refused } from '../acts/refused'
import { useReading } from '../acts/use_act'
import * as reading from '../api/reading'
import type { Proof } from '../api/types'
import { useDesk } from '../shell/desk'
import { wordFor } from '../shell/words'
import { ProofPicture } from './proof_picture'
import type { SectionProps } from './panel'
import { captured } from './captured'
import { Verify } from './verification'

const BEFORE_PICKUP = ['created', 'offered', 'assigned', 'en_route_to_pickup', 'cancelled', 'expired']

/** Proof of an order and the customer's rating; personal, so they are asked for only when somebody wants to see them. */
export function ProofOf({ known }: SectionProps) {
  const { texts } = useDesk()
  const { delivery, stars } = known
  const [opened, open] = useState(false)
  const id = opened ? delivery.id : null
  const proof = useReading(id, () => reading.proof(delivery.id), known.version)
  const rating = useReading(stars === null ? null : id, () => reading.rating(delivery.id), known.version)
  if (BEFORE_PICKUP.includes(delivery.state ?? 'created')) return null
  return (
    <section aria-labelledby="proof-heading">
      <h3 id="proof-heading">{texts.proof.heading}</h3>
      {!opened && (
        <button type="button" class="quiet" onClick={() => open(true)}>
          {texts.proof.open}
        </button>
      )}
      {proof.problem && <Refused problem={proof.problem} texts={texts} />}
      {proof.data && <Shown proof={proof.data} />}
      {proof.data && <Verify deliveryId={delivery.id} />}
      {rating.data?.comment && <blockquote>{rating.data.comment}</blockquote>}
    </section>
  )
}

function Shown({ proof }: { proof: Proof }) {
  const { texts, language, live } = useDesk()
  const now = live?.clock.now() ?? Date.now()
  const lines = [
    proof.captured_at && fill(texts.proof.at, { time: timeOfDay(proof.captured_at, now, language) }),
    proof.distance_m !== null && fill(texts.proof.distance, { metres: Math.round(proof.distance_m) }),
    proof.pin_matched && texts.proof.pin,
    (proof.pin_failures ?? 0) > 0 && fill(texts.proof.pin_failures, { count: proof.pin_failures ?? 0 }),
    proof.received_by && fill(texts.proof.received_by, { name: proof.received_by }),
    proof.age_document && texts.proof.age,
    ...captured(proof, texts, (at) => timeOfDay(at, now, language)),
    ...proof.scans.map((scan) => fill(texts.proof.scan, { stop: texts.stop[scan.stop], codes: scan.codes.join(', ') })),
    proof.voucher && fill(texts.proof.voucher, { actor: proof.voucher.actor, reason: wordFor(texts.completion, proof.voucher.reason) }),
  ].filter((line): line is string => Boolean(line))
  return (
    <>
      {lines.length + proof.images.length === 0 && <p class="soft">{texts.proof.none}</p>}
      <ul>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <div class="pictures">
        {proof.images.map((image) => (
          <ProofPicture key={image.kind} deliveryId={proof.delivery_id} kind={image.kind} />
        ))}
      </div>
    </>
  )
}
