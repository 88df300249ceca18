using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Portkey.Portal.Data.PostgreSql;
using Portkey.Portal.Data.Sqlite;
using Xunit;

namespace Portkey.Portal.Data.Tests.Store;

/// <summary>The models that are generated, so that no start builds them, say what the code says.</summary>
public sealed class CompiledModelTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public void CompiledModel_OfEachProvider_IsTheModelOfTheCode(string provider)
    {
        var folder = "src/Data." + (provider == TestDatabase.Sqlite ? "Sqlite" : "PostgreSql");
        using var compiled = new PortalDbContext(OptionsOf(provider));
        using var built = new PortalDbContext(Uncompiled(OptionsOf(provider)));

        Assert.NotEqual(compiled.Model.GetType(), built.Model.GetType());
        Assert.True(
            Text(built) == Text(compiled),
            $"{folder}/CompiledModel is out of date; CONTRIBUTING.md says how it is made. {FirstDifference(Text(built), Text(compiled))}"
        );
    }

    private static DbContextOptions<PortalDbContext> OptionsOf(string provider)
    {
        var builder = new DbContextOptionsBuilder<PortalDbContext>();
        return (DbContextOptions<PortalDbContext>)
            (
                provider == TestDatabase.PostgreSql
                    ? builder.UsePortalPostgreSql("Host=localhost;Database=none")
                    : builder.UsePortalSqlite("Data Source=none.db")
            ).Options;
    }

    private static DbContextOptions<PortalDbContext> Uncompiled(DbContextOptions<PortalDbContext> options) =>
        (DbContextOptions<PortalDbContext>)options.WithExtension(options.FindExtension<CoreOptionsExtension>()!.WithModel(null!));

    private static string Text(PortalDbContext db) =>
        db.Model.ToDebugString(MetadataDebugStringOptions.LongDefault)
        + db.Model.GetRelationalModel().ToDebugString(MetadataDebugStringOptions.LongDefault);

    private static string FirstDifference(string built, string compiled)
    {
        var (one, other) = (built.Split('\n'), compiled.Split('\n'));
        var at = Enumerable.Range(0, Math.Min(one.Length, other.Length)).FirstOrDefault(i => one[i] != other[i], -1);
        return at < 0 ? "One is longer." : $"The code says '{one[at].Trim()}', the compiled model '{other[at].Trim()}'.";
    }
}
