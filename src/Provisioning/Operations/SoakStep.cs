using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Operations;

/// <summary>
/// Lets the new version serve for a while before the old one is disabled. Its end stands in the operation's row, by the database's clock,
/// so that neither a crash nor another worker begins it anew; meanwhile nobody holds the environment's lease or a worker's place.
/// </summary>
internal sealed class SoakStep(UnitOfWork work, IOptions<RotationOptions> options)
{
    /// <exception cref="SoakingException">It has not passed yet.</exception>
    public async Task RunAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var seconds = options.Value.SoakSeconds;
        if (seconds == 0)
        {
            return;
        }

        var id = context.Operation.Id;
        var isNew = context.Operation.SoakUntil is null;
        var isOver = await work.WriteAsync(
            async db =>
            {
                await context.Fence.EnsureAsync(db, cancellationToken);
                if (isNew)
                {
                    await db.Operations.Where(o => o.Id == id).ExecuteUpdateAsync(s => s.SetProperty(o => o.SoakUntil, o => DateTime.UtcNow.AddSeconds(seconds)), cancellationToken);
                }

                return await db.Operations.AnyAsync(o => o.Id == id && o.SoakUntil <= DateTime.UtcNow, cancellationToken);
            },
            cancellationToken,
            "soak");
        if (!isOver)
        {
            context.Log.Write(isNew
                ? $"Both versions are valid. The new one serves for {Words(seconds)} before the old one is disabled."
                : "Both versions are valid; the time to watch the new one is not over yet.");
            throw new SoakingException();
        }

        context.Log.Write("The new version has served for its time, and the gateway still answers.");
    }

    private static string Words(int seconds) => seconds % 60 == 0 ? seconds == 60 ? "a minute" : $"{seconds / 60} minutes" : $"{seconds} s";
}

/// <summary>The attempt ends here for now; the operation goes on when the soak is over.</summary>
internal sealed class SoakingException() : Exception("The new version is being watched.");
