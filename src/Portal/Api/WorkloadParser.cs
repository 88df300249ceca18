using Portkey.Portal.Provisioning.Environments;

namespace Portkey.Portal.Web.Api;

/// <summary>The parts of a spec that describe pods.</summary>
internal static class WorkloadParser
{
    public static ResourcesSpec Resources(FieldReader fields)
    {
        var resources = new ResourcesSpec
        {
            CpuRequest = fields.Text("cpuRequest", 32), CpuLimit = fields.Text("cpuLimit", 32), MemoryRequest = fields.Text("memoryRequest", 32), MemoryLimit = fields.Text("memoryLimit", 32),
        };
        fields.Done();
        return resources;
    }

    public static SchedulingSpec Scheduling(FieldReader fields)
    {
        var scheduling = new SchedulingSpec
        {
            Zones = fields.Number("zones"),
            NodeSelector = fields.Map("nodeSelector", 63, scalars: true),
            Tolerations = [.. fields.Objects("tolerations").Select(Toleration)],
        };
        fields.Done();
        return scheduling;
    }

    public static ProbesSpec Probes(FieldReader fields)
    {
        var probes = new ProbesSpec
        {
            LivenessPeriodSeconds = fields.Number("livenessPeriodSeconds"), ReadinessPeriodSeconds = fields.Number("readinessPeriodSeconds"),
            TimeoutSeconds = fields.Number("timeoutSeconds"), FailureThreshold = fields.Number("failureThreshold"),
        };
        fields.Done();
        return probes;
    }

    public static EnvFromSpec EnvFrom(FieldReader fields)
    {
        var from = new EnvFromSpec { Secrets = fields.Texts("secrets"), ConfigMaps = fields.Texts("configMaps") };
        fields.Done();
        return from;
    }

    private static TolerationSpec Toleration(FieldReader fields)
    {
        var toleration = new TolerationSpec { Key = fields.Required("key", 317), Value = fields.Text("value", 63), Effect = fields.Text("effect", 32) };
        fields.Done();
        return toleration;
    }
}
