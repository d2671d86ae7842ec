// Passkeys without inline code: a form with data-passkey asks the browser for a credential before it is sent.
// data-passkey: login (options fetched from data-options) | get | create (options in the JSON element named by data-options-from).
(function () {
  'use strict'

  async function optionsOf (form) {
    if (form.dataset.options) {
      const answer = await fetch(form.dataset.options, { headers: { Accept: 'application/json' } })
      if (!answer.ok) throw new Error('no options')
      return (await answer.json()).request_options
    }
    const data = JSON.parse(document.getElementById(form.dataset.optionsFrom).textContent)
    return data.creation_options || data.request_options
  }

  function passwordless (form, options) {
    const box = form.querySelector('[name="passwordless"]')
    if (!box) return options
    const choice = options.publicKey.authenticatorSelection
    choice.residentKey = box.checked ? 'required' : 'discouraged'
    choice.requireResidentKey = box.checked
    if (box.checked) choice.userVerification = 'required'
    return options
  }

  async function send (event) {
    const form = event.currentTarget
    event.preventDefault()
    const error = form.querySelector('[data-passkey-error]')
    error.hidden = true
    try {
      const options = await optionsOf(form)
      const credential = form.dataset.passkey === 'create'
        ? await window.webauthnJSON.create(passwordless(form, options))
        : await window.webauthnJSON.get(options)
      form.elements.credential.value = JSON.stringify(credential)
      form.submit()
    } catch {
      error.hidden = false
    }
  }

  for (const form of document.querySelectorAll('form[data-passkey]')) form.addEventListener('submit', send)

  // "Send a sign-in link" takes the address that is already typed.
  const link = document.querySelector('[data-link-button]')
  if (link) {
    link.addEventListener('click', () => {
      const login = link.form.elements.login
      login.name = 'email'
    })
  }
})()
