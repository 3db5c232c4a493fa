import { go } from '../address'
import { useApp } from '../app'
import { arrive, setOut } from '../steps'
import { type Group } from '../stops'
import { useSettled } from './use_settled'

/** The step that comes next at a group as one large button, and what else may be done there. */
export function GroupActions({ group }: { group: Group }) {
  const { texts, perform, place } = useApp()
  const settled = useSettled()
  const { id, phase, first } = group
  const isReturn = first.kind === 'return'
  const open = (): void => go('do', id)
  const here = async (): Promise<void> => {
    const inputs = arrive(group, place)
    if (!inputs.length || (await perform(inputs))) open()
  }
  const leave = async (): Promise<void> => void (await perform(setOut(group, place)))

  if (phase === 'blocked') return <p class="soft">{texts.route.blocked}</p>
  const main = {
    waiting: { label: texts.stop.set_out, act: leave },
    under_way: { label: texts.stop.here, act: here },
    there: { label: texts.stop[`open_${first.kind}`], act: open },
  }[phase]
  return (
    <div class="acts">
      <button
        type="button"
        class="button button-big"
        aria-disabled={!settled}
        onClick={() => settled && void main.act()}
      >
        {main.label}
      </button>
      {phase === 'waiting' && (
        <button type="button" class="button button-quiet" onClick={() => void here()}>
          {texts.stop.already_here}
        </button>
      )}
      {phase !== 'waiting' && !isReturn && (
        <button type="button" class="button button-quiet" onClick={() => go('fail', id)}>
          {texts.stop.problem}
        </button>
      )}
    </div>
  )
}
