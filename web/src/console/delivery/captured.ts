/** What was captured because the law of the goods wants it, in words. */

import { fill } from '../../parts/texts'
import type { Proof } from '../api/types'
import { wordFor } from '../shell/words'
import type { Texts } from '../texts'

/** Sentences about documents, affirmations, relations, temperatures and what became of goods. */
export function captured(proof: Proof, texts: Texts, time: (at: string) => string): string[] {
  const law = texts.goods_law
  const { id_checked: id, disposition } = proof
  const age = id?.age_proven ? fill(law.of_age, { age: id.age_proven }) : ''
  return [
    id && [fill(law.id, { document: law.document[id.document], how: law.read_by[id.read_by] }), age].filter(Boolean).join(', '),
    id?.unreadable && fill(law.typed, { why: law.unreadable[id.unreadable] }),
    proof.affirmed.length > 0 &&
      fill(law.affirmed, { what: proof.affirmed.map((name) => wordFor(law.affirmation, name)).join(', ') }),
    proof.relation && fill(law.relation_was, { relation: law.relation[proof.relation] }),
    proof.name_printed && law.name_printed,
    ...proof.temperatures.map((one) =>
      fill(law.temperature, { stop: texts.stop[one.stop], celsius: one.celsius, time: time(one.at) }),
    ),
    disposition &&
      [
        fill(law.disposed, { what: texts.disposition.kind[disposition.kind], time: time(disposition.at), by: disposition.by }),
        disposition.person,
      ]
        .filter(Boolean)
        .join(', '),
  ].filter((line): line is string => Boolean(line))
}
