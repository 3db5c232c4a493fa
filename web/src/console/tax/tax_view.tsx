import { Notices } from './notices'
import { Payees } from './payees'
import { loadWords } from './texts'
import { Years } from './years'
import { useDesk } from '../shell/desk'

/** The view, once its words are there. */
export async function taxView(): Promise<() => preact.JSX.Element> {
  const words = await loadWords()
  return () => {
    const { may } = useDesk()
    const mayChange = may('change_money')
    return (
      <main class="page">
        <Years words={words} mayChange={mayChange} />
        <Payees words={words} mayChange={mayChange} />
        {mayChange && <Notices words={words} />}
      </main>
    )
  }
}
