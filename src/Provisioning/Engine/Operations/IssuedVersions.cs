using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.KeyIssuing;

namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>After a failed rotation: what was issued for it is revoked, once the environment is seen to be on the old version
/// again.</summary>
internal sealed class IssuedVersions(UnitOfWork work, Revocations revocations)
{
    public async Task TakeBackAsync(OperationContext context)
    {
        if (context.Operation.Kind != RequestKind.Rotate)
        {
            return;
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        try
        {
            foreach (var key in context.ChangedKeys)
            {
                var pin = context.Pins[key];
                var reference = await work.ReadAsync(
                    db =>
                        db.SecretReferences.Include(r => r.Versions)
                            .FirstOrDefaultAsync(
                                r => r.VaultName == pin.VaultName && r.EnvironmentId == context.Environment.Id,
                                limit.Token
                            ),
                    limit.Token
                );
                if (reference?.Versions.FirstOrDefault(v => v.VaultVersion == pin.VaultVersion) is { } version)
                {
                    await context.Fence.EnsureAsync(limit.Token);
                    var (text, severity) = await revocations.TakeBackAsync(reference, version, limit.Token);
                    if (text.Length > 0)
                    {
                        context.Log.Write(text, severity);
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            context.Log.Write(
                "What was made for this rotation could not be revoked in time; the next new value does it.",
                Severity.Warning
            );
        }
    }
}
