import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Loading } from '../states'
import { fill } from '../texts'
import { useIdle } from './idle'
import { type Person, session, useSession } from './session'
import { SignIn } from './sign_in'
import { type Texts, loadTexts } from './texts'

interface GateProps {
  group: 'drivers' | 'staff'
  /** The name of the page, above the form. */
  page: string
  /** What whoever is not signed in may do instead, below the form. */
  beside?: ComponentChildren
  children: (person: Person) => ComponentChildren
}

/** Content for whoever is signed in and is a driver, or has a role of staff; the form to sign in for everybody else. */
export function Gate({ group, page, beside, children }: GateProps) {
  const { person } = useSession()
  const within = group === 'staff' ? person?.rights.length : person?.groups.includes(group)
  if (!person || !within) return <Outside group={group} page={page} beside={beside} person={person} />
  return (
    <>
      {group === 'staff' && <EndsWhenIdle />}
      {children(person)}
    </>
  )
}

function EndsWhenIdle() {
  useIdle()
  return null
}

function Outside({ group, page, beside, person }: Omit<GateProps, 'children'> & { person: Person | null }) {
  const [loaded, set] = useState<{ texts: Texts; language: string } | null>(null)
  useEffect(() => void loadTexts().then(set), [])
  if (!loaded) return <Loading label="…" />
  const { texts, language } = loaded
  if (!person) return <SignIn page={page} texts={texts} language={language} beside={beside} />
  return (
    <main class="sign-in">
      <p class="sign-in-page">{page}</p>
      <h1>{texts.title}</h1>
      <p role="status">{fill(texts.wrong_group[group], { username: person.username })}</p>
      <button type="button" class="button" onClick={() => void session.signOut()}>
        {texts.wrong_group.sign_out}
      </button>
    </main>
  )
}
