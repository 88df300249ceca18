using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.Common;

/// <summary>A finding for people.</summary>
/// <param name="Severity">Severity.</param>
/// <param name="Kind">Kind, such as <c>validation</c> or <c>health</c>.</param>
/// <param name="Field">Field concerned; empty for none.</param>
/// <param name="Message">What, and what to do.</param>
/// <param name="Since">UTC since when; null for a finding of the moment.</param>
public sealed record FindingView(Severity Severity, string Kind, string Field, string Message, DateTime? Since = null);
