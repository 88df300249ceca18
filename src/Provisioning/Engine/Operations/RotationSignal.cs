using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>Says that a rotation over several environments may go on: it was approved, or an operation ended.</summary>
public sealed class RotationSignal : WorkSignal;
