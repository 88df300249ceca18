using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portkey.Portal.Data.Configurations;

internal sealed class EnvironmentConfiguration : IEntityTypeConfiguration<GatewayEnvironment>
{
    public void Configure(EntityTypeBuilder<GatewayEnvironment> builder)
    {
        builder.ToTable("environments");
        builder.Property(e => e.Id).ValueGeneratedNever();
        // Two environments can never share a namespace; a deleted one frees it.
        builder.HasIndex(e => new { e.ClusterId, e.Namespace }).IsUnique().HasFilter("state <> 'Deleted'");
        builder.HasIndex(e => new { e.TeamId, e.Name });
        builder.HasIndex(e => new { e.Name, e.Id });
        // Few have one at a time, and every claim counts them.
        builder.OwnsLease(l => l.HasIndex(x => x.Until).HasFilter("lease_until IS NOT NULL"));
        builder.HasOne(e => e.Team).WithMany().HasForeignKey(e => e.TeamId).OnDelete(DeleteBehavior.Restrict);
        builder.HasOne(e => e.Cluster).WithMany().HasForeignKey(e => e.ClusterId).OnDelete(DeleteBehavior.Restrict);
        builder.Property(e => e.HealthReason).HasMaxLength(2000);
        builder.Property(e => e.TopologyJson).HasMaxLength(-1);
        builder.Property(e => e.Version).IsConcurrencyToken();
    }
}

internal sealed class RevisionConfiguration : IEntityTypeConfiguration<Revision>
{
    public void Configure(EntityTypeBuilder<Revision> builder)
    {
        builder.HasIndex(r => new { r.EnvironmentId, r.Number }).IsUnique();
        builder.HasOne<GatewayEnvironment>().WithMany().HasForeignKey(r => r.EnvironmentId);
        builder.OwnsContent(r => r.Content, c => c.HasIndex(x => x.StorageAccount).HasFilter("storage_account <> ''"));
        builder.HasMany(r => r.Secrets).WithOne().HasForeignKey(s => s.RevisionId).OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class ReleaseConfiguration : IEntityTypeConfiguration<Release>
{
    public void Configure(EntityTypeBuilder<Release> builder)
    {
        builder.HasIndex(r => new { r.EnvironmentId, r.At });
        builder.HasIndex(r => new { r.OperationId, r.HelmRevision }).IsUnique();
        builder.HasOne<GatewayEnvironment>().WithMany().HasForeignKey(r => r.EnvironmentId);
    }
}

internal sealed class HealthSampleConfiguration : IEntityTypeConfiguration<HealthSample>
{
    public void Configure(EntityTypeBuilder<HealthSample> builder)
    {
        builder.HasIndex(s => new { s.EnvironmentId, s.At });
        builder.HasOne<GatewayEnvironment>().WithMany().HasForeignKey(s => s.EnvironmentId);
        builder.Property(s => s.Reason).HasMaxLength(2000);
    }
}

internal sealed class FindingConfiguration : IEntityTypeConfiguration<Finding>
{
    public void Configure(EntityTypeBuilder<Finding> builder)
    {
        builder.HasIndex(f => new { f.EnvironmentId, f.ResolvedAt });
        builder
            .HasIndex(f => new
            {
                f.EnvironmentId,
                f.Kind,
                f.SubjectName,
            })
            .HasFilter("resolved_at IS NULL");
        builder.Property(f => f.SubjectName).HasDefaultValue("");
        builder.Property(f => f.Subject).HasDefaultValue(FindingSubject.Environment);
        builder.HasOne<GatewayEnvironment>().WithMany().HasForeignKey(f => f.EnvironmentId);
        builder.Property(f => f.Message).HasMaxLength(4000);
    }
}
