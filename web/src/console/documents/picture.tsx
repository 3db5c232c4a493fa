import { useEffect, useState } from 'preact/hooks'
import { answered } from '../api/answers'
import { asData } from '../delivery/proof_picture'
import { api } from '../../parts/client'

interface PictureProps {
  driverId: string
  documentId: string
  name: string
  /** The words for a picture that can't be shown. */
  missing: string
}

/** The picture of a document. It is fetched with the caller's token, so it has no address that could be passed on. */
export function DocumentPicture({ driverId, documentId, name, missing }: PictureProps) {
  const [address, set] = useState<string | null>(null)
  const [failed, fail] = useState(false)
  useEffect(() => {
    let gone = false
    const path = { driver_id: driverId, document_id: documentId }
    const ask = api.GET('/v1/staff/drivers/{driver_id}/documents/{document_id}/picture', { params: { path }, parseAs: 'blob' })
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
  }, [driverId, documentId])
  if (failed) return <p class="soft">{missing}</p>
  return address ? <img src={address} alt={name} class="picture" /> : <div class="bone" aria-hidden="true" />
}
