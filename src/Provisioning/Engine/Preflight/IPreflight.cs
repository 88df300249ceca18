using Portkey.Portal.Provisioning.Engine.Preflight.Checks;

namespace Portkey.Portal.Provisioning.Engine.Preflight;

/// <summary>The checks, as operations run them.</summary>
internal interface IPreflight
{
    /// <summary>Runs all of them.</summary>
    Task<IReadOnlyList<CheckResult>> RunAsync(PreflightSubject subject, CancellationToken cancellationToken);

    /// <summary>One check by its id; null where it does not apply.</summary>
    Task<CheckResult?> RunOneAsync(string id, PreflightSubject subject, CancellationToken cancellationToken);
}
