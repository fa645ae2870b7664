// The chip's half: see `HubFlaw.swift`.

@inline(__always)
func has(_ flaw: HubFlaw) -> Bool { false }
