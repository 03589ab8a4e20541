"""The customer's window: a web page on which a person is a customer of the sample companies, and sees the bot think.

For the demo, on loopback only. `server.WindowServer` serves it from a `desk.Desk`; `simulated.SimulatedDesk` is that of
a simulated WeCom. The page is plain HTML, CSS and JavaScript, and loads nothing from anywhere else.
"""
