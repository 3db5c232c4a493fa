import { useEffect, useState } from 'preact/hooks'
import { answered } from '../api/answers'
import { type Schemas, api } from '../../parts/client'
import { useDesk } from '../shell/desk'
import { wordFor } from '../shell/words'

/** A picture of a proof. It is fetched with the caller's token, so it has no address that could be passed on. */
export function ProofPicture({ deliveryId, kind }: { deliveryId: string; kind: Schemas['ImageKind'] }) {
  const { texts } = useDesk()
  const [address, set] = useState<string | null>(null)
  const [failed, fail] = useState(false)
  useEffect(() => {
    let gone = false
    const path = { delivery_id: deliveryId, kind }
    const ask = api.GET('/v1/staff/deliveries/{delivery_id}/proof/{kind}', { params: { path }, parseAs: 'blob' })
    // The description of the API says "binary", which has no type of its own.
    void answered(ask as unknown as Promise<{ data?: Blob; error?: unknown; response: Response }>).then(async ({ data }) => {
      const picture = data && (await asData(data))
      if (gone) return
      if (picture) set(picture)
      else fail(true)
    })
    return () => {
      gone = true
    }
  }, [deliveryId, kind])
  const name = wordFor(texts.proof.kind, kind)
  if (failed) return <p class="soft">{texts.proof.no_picture}</p>
  return address ? <img src={address} alt={name} class="picture" /> : <div class="bone" aria-hidden="true" />
}

/** A picture as an address with its data: the content security policy takes no other kind made by a script. */
export function asData(picture: Blob): Promise<string | null> {
  return new Promise((resolve) => {
    const reader = new FileReader()
    reader.addEventListener('load', () => resolve(typeof reader.result === 'string' ? reader.result : null))
    reader.addEventListener('error', () => resolve(null))
    reader.readAsDataURL(picture)
  })
}
