using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Controllers;
using Portkey.Portal.Sandbox.Kubelet;
using Portkey.Portal.Sandbox.Kubelet.Runtime;
using Portkey.Portal.Sandbox.Objects;

namespace Portkey.Portal.Sandbox.Hosting;

/// <summary>Registers the controllers and the kubelet.</summary>
internal static class NodeExtensions
{
    public static IServiceCollection AddNode(this IServiceCollection services)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(provider => LoopbackSlot.Take(provider.GetRequiredService<SandboxOptions>().DataFolder));
        services.AddSingleton<EventRecorder>();
        services.AddSingleton<Workload>();
        foreach (
            var controller in (Type[])
                [
                    typeof(ServiceController),
                    typeof(Scheduler),
                    typeof(EndpointsController),
                    typeof(DeploymentController),
                    typeof(ReplicaSetController),
                    typeof(StatefulSetController),
                    typeof(JobController),
                    typeof(HpaController),
                    typeof(PdbController),
                    typeof(QuotaController),
                    typeof(ClaimController),
                ]
        )
        {
            services.AddSingleton(typeof(IController), controller);
        }

        services.AddHostedService<ControllerLoop>();

        services.AddSingleton<INodeApi, StoreNodeApi>();
        services.AddSingleton(provider => Options(provider.GetRequiredService<SandboxOptions>()));
        services.AddSingleton(provider => new NodeServices(
            provider.GetRequiredService<INodeApi>(),
            provider.GetRequiredService<KubeletOptions>(),
            provider.GetRequiredService<LoopbackSlot>().Pods,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<NodeKubelet>>()
        ));
        services.AddSingleton<NodeKubelet>();
        services.AddSingleton<IPodLogs, PodLogs>();
        services.AddHostedService<KubeletFeed>();
        return services;
    }

    internal static KubeletOptions Options(SandboxOptions options)
    {
        var work = Path.Combine(options.DataFolder, "pods");
        if (Directory.Exists(work))
        {
            Directory.Delete(work, recursive: true); // of pods that ended with the last sandbox
        }

        var package = options.GatewayFolder is { } folder ? Path.Combine(folder, "package.json") : null;
        return new KubeletOptions
        {
            GatewayFolder = options.GatewayFolder is { } gateway ? Path.GetFullPath(gateway) : null,
            GatewayVersion = File.Exists(package) ? JsonNode.Parse(File.ReadAllText(package)).Text("version") : null,
            WorkFolder = work,
        };
    }
}
