namespace Portkey.Portal.Provisioning.Common;

/// <summary>
/// Who makes a call, as far as the entry point can tell. It carries no roles on purpose: every command reads the current ones.
/// </summary>
/// <param name="PersonId">Subject, see <see cref="Data.Person.Id"/>.</param>
/// <param name="SourceAddress">Address that the call came from; empty when unknown.</param>
/// <param name="CorrelationId">Id that ties log lines, audit rows and responses together.</param>
public sealed record Caller(string PersonId, string SourceAddress, string CorrelationId);
