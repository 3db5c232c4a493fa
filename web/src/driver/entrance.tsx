import { useEffect, useState } from 'preact/hooks'
import { Gate } from '../parts/session/gate'
import { session, useSession } from '../parts/session/session'
import { Loading } from '../parts/states'
import { addressOf, replace, useAddress } from './address'
import { lazilyOutside } from './lazily_outside'
import { type Queue, openQueue } from './queue'
import { send } from './sending'
import { Shell } from './shell'
import type { Texts } from './texts'
import { usePush } from './use_push'
import { useWork } from './work'

const Apply = lazilyOutside(async () => (await import('./onboarding/apply')).Apply)

interface Spoken {
  texts: Texts
  language: string
}

/** The app of whoever is signed in; the forms to sign in, or to apply, for everybody else. */
export function Entrance(props: Spoken) {
  const { screen } = useAddress()
  const { person } = useSession()
  const { app, become_driver: link } = props.texts
  if (screen === 'apply' && !person) return <Apply page={app} signIn={() => replace('route')} />
  return (
    <Gate group="drivers" page={app} beside={<a href={addressOf('apply')}>{link}</a>}>
      {({ username }) => <Opened key={username} owner={username} {...props} />}
    </Gate>
  )
}

/** The app once what the phone keeps for this driver is open. */
function Opened({ owner, ...spoken }: Spoken & { owner: string }) {
  const [queue, set] = useState<Queue | null>(null)
  useEffect(() => {
    let opened: Queue | null = null
    let gone = false
    const open = async (): Promise<void> => {
      opened = await openQueue({ owner, send })
      if (gone) opened.close()
      else set(opened)
    }
    void open()
    return () => {
      gone = true
      opened?.close()
    }
  }, [owner])
  return queue ? <Working queue={queue} {...spoken} /> : <Loading label={spoken.texts.loading} />
}

function Working({ queue, ...spoken }: Spoken & { queue: Queue }) {
  const push = usePush()
  const signOut = async (): Promise<void> => {
    await push.turnOff() // or this phone would ring for whoever signed out
    await queue.forget() // the kept answers hold names and addresses of customers
    replace('route') // whoever signs in next begins there
    await session.signOut()
  }
  const { full, forgive, ...app } = useWork({
    queue,
    ...spoken,
    push,
    signOut: () => void signOut(),
  })
  return <Shell app={app} full={full} forgive={forgive} />
}
