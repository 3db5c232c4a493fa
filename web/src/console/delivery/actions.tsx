import { useState } from 'preact/hooks'
import type { Delivery } from '../api/types'
import { useDesk } from '../shell/desk'
import type { Texts } from '../texts'
import { AreaForm } from './acts/area_form'
import { AssignForm } from './acts/assign_form'
import { CancelForm, CompleteForm, FailForm } from './acts/reason_forms'
import { DispatchNow } from './acts/dispatch_now'
import { failureReasons, isOpen, isWaiting, mayCancel, mayComplete } from './endings'
import type { SectionProps } from './panel'

export interface FormProps {
  known: Delivery
  changed: () => void
  /** A driver who is already chosen, as by a drop; null if none. */
  preset: string | null
}

interface Action {
  name: keyof Texts['action']
  /** True if the API takes it now. */
  when: (order: Delivery['delivery']) => boolean
  Form: (props: FormProps) => preact.JSX.Element
}

/** Actions of staff on an order, in the order of their buttons. A new action is a form and a line. */
const ACTIONS: readonly Action[] = [
  { name: 'dispatch', when: isWaiting, Form: DispatchNow },
  { name: 'assign', when: isOpen, Form: AssignForm },
  { name: 'area', when: isWaiting, Form: AreaForm },
  { name: 'cancel', when: mayCancel, Form: CancelForm },
  { name: 'complete', when: mayComplete, Form: CompleteForm },
  { name: 'fail', when: (order) => failureReasons(order).length > 0, Form: FailForm },
]

/** The buttons of the actions that are allowed now; one form is open at a time. */
export function Actions({ known, changed, preset }: SectionProps & { preset: string | null }) {
  const { texts, may: mayDo } = useDesk()
  const [opened, open] = useState<Action['name'] | null>(preset ? 'assign' : null)
  const may = ACTIONS.filter(({ when }) => when(known.delivery))
  const Form = ACTIONS.find(({ name }) => name === opened)?.Form
  if (!mayDo('change_operations') || (!may.length && !Form)) return null
  return (
    <section aria-labelledby="actions-heading">
      <h3 id="actions-heading">{texts.delivery.actions}</h3>
      <div class="acts">
        {may.map(({ name }) => (
          <button
            key={name}
            type="button"
            class="act"
            aria-expanded={opened === name}
            onClick={() => open(opened === name ? null : name)}
          >
            {texts.action[name]}
          </button>
        ))}
      </div>
      {Form && <Form key={opened} known={known} changed={changed} preset={preset} />}
    </section>
  )
}
