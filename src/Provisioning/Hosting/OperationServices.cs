using Microsoft.Extensions.DependencyInjection;
using Portkey.Portal.Provisioning.Engine.Operations;

namespace Portkey.Portal.Provisioning.Hosting;

/// <summary>Registers what carries operations out; the ways to clusters and Helm are registered beside it.</summary>
internal static class OperationServices
{
    /// <summary>Adds queue, runner and every step that a plan holds.</summary>
    public static IServiceCollection AddOperations(this IServiceCollection services)
    {
        services
            .AddSingleton<OperationQueue>()
            .AddSingleton<OperationRunner>()
            .AddSingleton<OperationLoader>()
            .AddSingleton<StepSequence>();
        services
            .AddSingleton<ApprovalCheck>()
            .AddSingleton<OperationOutcome>()
            .AddSingleton<FailedAttempt>()
            .AddSingleton<Restoration>()
            .AddSingleton<Supersession>();
        services.AddSingleton<Guardrails>().AddSingleton<OldSecrets>().AddSingleton<IssuedVersions>().AddSingleton<ReleaseRecords>();
        services.AddSingleton<WaitClock>().AddSingleton<StreamWatches>().AddSingleton<WaitingRoom>();
        foreach (var step in OperationPlan.All)
        {
            services.AddSingleton(typeof(IOperationStep), step.Step);
        }

        // stops after the dispatcher, which still enters it
        services.AddHostedService(provider => provider.GetRequiredService<WaitingRoom>());
        return services.AddHostedService<OperationDispatcher>();
    }
}
