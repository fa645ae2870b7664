// The rig's half: see `HubFlaw.swift`.

/// The number of the flaw in every hub of this process; 0 for none.
nonisolated(unsafe) private var planted: UInt8 = 0

/// Plants a flaw into every hub of this process, or takes it out with nil.
public func plant(_ flaw: HubFlaw?) { unsafe planted = flaw?.rawValue ?? 0 }

@inline(__always)
func has(_ flaw: HubFlaw) -> Bool { unsafe planted == flaw.rawValue }
