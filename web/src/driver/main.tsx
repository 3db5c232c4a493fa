import { render } from 'preact'
import '../parts/tokens.css'
import '../parts/states.css'
import './frame.css'
import './screens.css'
import './money.css'
import { addressIn } from './address'
import { Entrance } from './entrance'
import { loadTexts } from './texts'
import { registerWorker } from './worker'

/** Screens on which something may be half done, such as a photo that is being taken. */
const BUSY = new Set(['do', 'fail'])

const place = document.getElementById('page')
if (!place) throw new Error('the page has no place for its content')

const { texts, language } = await loadTexts()
document.title = texts.app
render(<Entrance texts={texts} language={language} />, place)
void registerWorker(() => !BUSY.has(addressIn(location.hash).screen))
