/** The address of a screen: what follows the # of the page's address, so that a closed app opens where it was. */

import { useEffect, useState } from 'preact/hooks'

export interface Address {
  screen: string
  /** The id of the thing that the screen shows, such as a stop. */
  id: string
}

export function addressIn(hash: string): Address {
  const [screen = '', id = ''] = hash.replace(/^#\/?/, '').split('/')
  return { screen: screen || 'route', id: decoded(id) }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}

export const addressOf = (screen: string, id = ''): string => `#/${screen}${id && `/${encodeURIComponent(id)}`}`

export function go(screen: string, id = ''): void {
  location.hash = addressOf(screen, id)
}

/** Leave a screen without a way back to it: what it was for is done. */
export function replace(screen: string, id = ''): void {
  history.replaceState(null, '', addressOf(screen, id))
  dispatchEvent(new HashChangeEvent('hashchange'))
}

export function useAddress(): Address {
  const [address, set] = useState(() => addressIn(location.hash))
  useEffect(() => {
    const look = (): void => set(addressIn(location.hash))
    addEventListener('hashchange', look)
    look() // the address may have changed between the first painting and this
    return () => removeEventListener('hashchange', look)
  }, [])
  return address
}
