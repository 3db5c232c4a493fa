import { render } from 'preact'
import '../parts/tokens.css'
import '../parts/states.css'
import './frame.css'
import './screens.css'
import './money.css'
import './talk.css'
import { Entrance } from './entrance'
import { loadTexts } from './texts'

const place = document.getElementById('page')
if (!place) throw new Error('the page has no place for its content')

const { texts, language } = await loadTexts()
document.title = texts.app
render(<Entrance texts={texts} language={language} />, place)
