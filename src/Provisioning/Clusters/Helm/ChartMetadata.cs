using Portkey.Portal.Provisioning.Common.Reading;
using YamlDotNet.RepresentationModel;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>The lines of Chart.yaml that the portal needs.</summary>
internal sealed record ChartMetadata(string Name, string Version, string AppVersion)
{
    public static ChartMetadata Read(string folder)
    {
        var path = Path.Combine(folder, "Chart.yaml");
        if (!File.Exists(path))
        {
            throw new ChartException("chart-invalid", "There is no Chart.yaml.");
        }

        try
        {
            var root = BoundedYaml.ReadFile(path, ReadLimits.ChartFile("Chart.yaml")) is [YamlMappingNode mapping]
                ? mapping
                : throw new ChartException("chart-invalid", "Chart.yaml is not one mapping.");
            if (Field(root, "type") is not ("" or "application"))
            {
                throw new ChartException("chart-invalid", "It is a library chart, which installs nothing by itself.");
            }

            var result = new ChartMetadata(Field(root, "name"), Field(root, "version"), Field(root, "appVersion"));
            return result is { Name.Length: > 0, Version.Length: > 0 }
                ? result
                : throw new ChartException("chart-invalid", "Chart.yaml lacks a name or a version.");
        }
        catch (UnreadableException problem)
        {
            throw new ChartException("chart-invalid", problem.Message, inner: problem);
        }
    }

    private static string Field(YamlMappingNode mapping, string name) =>
        mapping.Children.TryGetValue(new YamlScalarNode(name), out var node) && node is YamlScalarNode scalar ? scalar.Value ?? "" : "";
}
