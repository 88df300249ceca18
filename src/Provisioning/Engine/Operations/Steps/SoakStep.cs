using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Engine.Operations.Steps;

/// <summary>
/// Lets the new version serve for a while before the old one is disabled. Its end is in the operation's row, by the database's clock,
/// so that neither a crash nor another worker restarts it; meanwhile it holds neither the environment's lease nor a worker.
/// </summary>
internal sealed class SoakStep(UnitOfWork work, IOptions<RotationOptions> options) : IOperationStep
{
    public static StepInfo Info { get; } = new("soak", "Watch the new version", typeof(SoakStep));

    StepInfo IOperationStep.Info => Info;

    public async Task<StepResult> RunAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var seconds = options.Value.SoakSeconds;
        if (seconds == 0)
        {
            return StepResult.Done;
        }

        var id = context.Operation.Id;
        var isNew = context.Operation.SoakUntil is null;
        var isOver = await work.WriteAsync(
            async db =>
            {
                await context.Fence.EnsureAsync(db, cancellationToken);
                if (isNew)
                {
                    await db
                        .Operations.Where(o => o.Id == id)
                        .ExecuteUpdateAsync(
                            s => s.SetProperty(o => o.SoakUntil, o => DateTime.UtcNow.AddSeconds(seconds)),
                            cancellationToken
                        );
                }

                return await db.Operations.AnyAsync(o => o.Id == id && o.SoakUntil <= DateTime.UtcNow, cancellationToken);
            },
            cancellationToken,
            "soak"
        );
        if (!isOver)
        {
            context.Log.Write(
                isNew
                    ? $"Both versions are valid. The new one serves for {EnumNames(seconds)} before the old one is disabled."
                    : "Both versions are valid; the time to watch the new one is not over yet."
            );
            return StepResult.Soaking;
        }

        context.Log.Write("The new version has served for its time, and the gateway still answers.");
        return StepResult.Done;
    }

    private static string EnumNames(int seconds) =>
        seconds % 60 == 0
            ? seconds == 60
                ? "a minute"
                : $"{seconds / 60} minutes"
            : $"{seconds} s";
}
