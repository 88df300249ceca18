namespace Portkey.Portal.Sandbox.Kubelet;

/// <summary>Registers the controllers and the kubelet.</summary>
internal static class NodeExtensions
{
    public static IServiceCollection AddNode(this IServiceCollection services) => services;
}
