using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Catalog;

namespace Portkey.Portal.Web.Features.NewRequest;

/// <summary>What a profile comes to, in words.</summary>
internal static class ProfileText
{
    public static string Pods(ProfileView profile) =>
        profile.Zones > 1 ? $"{Number(profile)} over {profile.Zones} zones" : Number(profile);

    private static string Number(ProfileView profile) =>
        profile.MaxReplicas > profile.Replicas
            ? $"{profile.Replicas} to {profile.MaxReplicas} pods"
            : Plural.Of(profile.Replicas, "pod");

    public static string Resources(ProfileView profile) =>
        $"CPU {profile.CpuRequest} to {profile.CpuLimit}, memory {profile.MemoryRequest} to {profile.MemoryLimit}";
}
