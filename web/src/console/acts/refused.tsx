import { fill } from '../../parts/texts'
import type { Problem } from '../api/answers'
import type { Texts } from '../texts'

/** The sentence for a problem: that of the console if it has one for the code, else the API's own. */
export function Refused({ problem, texts }: { problem: Problem; texts: Texts }) {
  const own = (texts.problem as Record<string, string>)[problem.code]
  const by = problem.status === 0 || problem.status >= 500 ? texts.problem.no_answer : null
  return (
    <div class="refused" role="alert">
      {own ? (
        <p>{own}</p>
      ) : problem.detail ? (
        <p lang="en">{problem.detail}</p>
      ) : (
        <p>{by ?? fill(texts.problem.other, { status: problem.status, code: problem.code })}</p>
      )}
      {problem.errors.length > 1 && (
        <ul lang="en">
          {problem.errors.map(({ pointer, detail }) => (
            <li key={pointer + detail}>{pointer ? `${pointer}: ${detail}` : detail}</li>
          ))}
        </ul>
      )}
    </div>
  )
}
