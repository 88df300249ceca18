using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Hosting;
using Assembly = System.Reflection.Assembly;

namespace Portkey.Portal.Tests.Architecture;

/// <summary>Portal → Provisioning → Data, never back.</summary>
public sealed class LayerTests
{
    private static readonly Assembly Web = typeof(Program).Assembly;
    private static readonly Assembly Engine = typeof(ProvisioningServices).Assembly;
    private static readonly Assembly Data = typeof(PortalDbContext).Assembly;
    private static readonly ArchUnitNET.Domain.Architecture Loaded = new ArchLoader().LoadAssemblies(Web, Engine, Data).Build();

    [Fact]
    public void References_Assemblies_NeverPointBack()
    {
        Assert.DoesNotContain(Names(Data), n => n.StartsWith("Portkey.", StringComparison.Ordinal));
        Assert.DoesNotContain(Names(Engine), n => n.StartsWith("Portkey.Portal.Web", StringComparison.Ordinal));
        Assert.DoesNotContain(Names(Web).Concat(Names(Engine)), n => n.StartsWith("Portkey.Portal.Sandbox", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("k8s")]
    [InlineData("CliWrap")]
    [InlineData("Microsoft.EntityFrameworkCore")]
    [InlineData("Azure.Security.KeyVault")]
    [InlineData("Quartz")]
    [InlineData("Npgsql")]
    [InlineData("Microsoft.Data.Sqlite")]
    public void Portal_TypesOfTheEnginesTools_AreNotUsed(string prefix)
    {
        var users = Types("Portkey.Portal.Web")
            .Where(t => t.Dependencies.Any(d => Within(d.Target.Namespace?.FullName, prefix)))
            .Select(t => t.FullName);
        Assert.Empty(users);
    }

    [Fact]
    public void Portal_DbContext_IsNotUsed() =>
        Assert.Empty(
            Types("Portkey.Portal.Web")
                .Where(t => t.Dependencies.Any(d => d.Target.FullName == typeof(PortalDbContext).FullName))
                .Select(t => t.FullName)
        );

    [Theory]
    [InlineData("MudBlazor")]
    [InlineData("Microsoft.AspNetCore.Components")]
    [InlineData("Microsoft.AspNetCore.Http")]
    public void Provisioning_TypesOfTheWeb_AreNotUsed(string prefix) =>
        Assert.Empty(
            Types("Portkey.Portal.Provisioning")
                .Where(t => t.Dependencies.Any(d => Within(d.Target.Namespace?.FullName, prefix)))
                .Select(t => t.FullName)
        );

    private static IEnumerable<IType> Types(string prefix) => Loaded.Types.Where(t => Within(t.Namespace?.FullName, prefix));

    private static bool Within(string? name, string prefix) =>
        name == prefix || name?.StartsWith(prefix + ".", StringComparison.Ordinal) == true;

    private static IEnumerable<string> Names(Assembly assembly) => assembly.GetReferencedAssemblies().Select(a => a.Name!);
}
