import { useDesk } from '../shell/desk'
import { Surge } from './surge'
import { Tables } from './tables'
import { loadWords } from './texts'
import './prices.css'

/** The view, once its words are there. */
export async function pricesView(): Promise<() => preact.JSX.Element> {
  const words = await loadWords()
  return () => {
    const { may } = useDesk()
    return (
      <main class="page">
        <Surge words={words} maySet={may('change_operations')} />
        {may('read_money') && <Tables words={words} mayChange={may('change_money')} />}
      </main>
    )
  }
}
