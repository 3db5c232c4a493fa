import { useDesk } from '../shell/desk'
import { Blocks } from './blocks'
import { Incentives } from './incentives'
import { loadWords } from './texts'

/** The view, once its words are there. */
export async function extraView(): Promise<() => preact.JSX.Element> {
  const words = await loadWords()
  return () => {
    const { may } = useDesk()
    return (
      <main class="page">
        <Incentives words={words} mayChange={may('change_money')} />
        <Blocks words={words} mayChange={may('change_money')} />
      </main>
    )
  }
}
