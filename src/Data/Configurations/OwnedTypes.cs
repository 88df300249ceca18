using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portkey.Portal.Data.Configurations;

/// <summary>Parts that several tables have, mapped the same way in each.</summary>
internal static class OwnedTypes
{
    /// <summary>Columns <c>lease_owner</c>, <c>lease_until</c>, <c>lease_epoch</c>.</summary>
    public static void OwnsLease<T>(this EntityTypeBuilder<T> builder, Action<OwnedNavigationBuilder<T, Lease>>? more = null)
        where T : class, ILeased
    {
        builder.OwnsOne(
            e => e.Lease,
            lease =>
            {
                lease.Property(l => l.Owner).HasColumnName("lease_owner").HasDefaultValue("");
                lease.Property(l => l.Until).HasColumnName("lease_until");
                lease.Property(l => l.Epoch).HasColumnName("lease_epoch").HasDefaultValue(0L);
                more?.Invoke(lease);
            }
        );
        builder.Navigation(e => e.Lease).IsRequired();
    }

    /// <summary>Columns of what an approval binds to.</summary>
    public static void OwnsContent<T>(
        this EntityTypeBuilder<T> builder,
        Expression<Func<T, EnvironmentContent?>> of,
        Action<OwnedNavigationBuilder<T, EnvironmentContent>>? more = null
    )
        where T : class
    {
        builder.OwnsOne(
            of,
            content =>
            {
                content.Property(c => c.Profile).HasColumnName("profile");
                content.Property(c => c.SpecJson).HasColumnName("spec_json").HasMaxLength(-1);
                content.Property(c => c.StorageAccount).HasColumnName("storage_account").HasDefaultValue("");
                content.Property(c => c.ChartVersionId).HasColumnName("chart_version_id");
                content.Property(c => c.ValuesYaml).HasColumnName("values_yaml").HasMaxLength(-1);
                content.Property(c => c.ManifestYaml).HasColumnName("manifest_yaml").HasMaxLength(-1);
                content.Property(c => c.Digest).HasColumnName("content_digest");
                content.HasOne(c => c.ChartVersion).WithMany().HasForeignKey(c => c.ChartVersionId).OnDelete(DeleteBehavior.Restrict);
                more?.Invoke(content);
            }
        );
        builder.Navigation(of).IsRequired();
    }
}
