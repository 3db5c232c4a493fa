import { useEffect, useState } from 'preact/hooks'
import type { Texts } from './texts'

interface SecretProps {
  secret: string
  /** The secret as the address that an authenticator app opens. */
  uri: string
  texts: Texts
}

/** A new secret for an authenticator app: as a QR code, as a link for an app on this device, and as text to type. */
export function SecretToKeep({ secret, uri, texts }: SecretProps) {
  const [picture, set] = useState('')
  useEffect(() => {
    // The text is there anyway, should the file not be reached.
    import('uqr').then(({ renderSVG }) => set(renderSVG(uri)), () => undefined)
  }, [uri])
  const words = texts.totp_setup
  return (
    <div class="sign-in-secret">
      {picture && <div role="img" aria-label={words.picture} dangerouslySetInnerHTML={{ __html: picture }} />}
      <p>
        <a href={uri}>{words.open}</a>
      </p>
      <p>
        {words.typed} <code>{secret.match(/.{1,4}/g)?.join(' ')}</code>
      </p>
    </div>
  )
}
