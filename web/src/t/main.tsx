import { render } from 'preact'
import '../parts/tokens.css'
import './page.css'
import { Page } from './page'
import { tokenIn } from './following'
import { loadTexts } from './texts'

const place = document.getElementById('page')
if (!place) throw new Error('the page has no place for its content')

const { texts, language } = await loadTexts()
render(<Page token={tokenIn(location.pathname)} texts={texts} language={language} />, place)
