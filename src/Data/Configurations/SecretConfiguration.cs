using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portkey.Portal.Data.Configurations;

internal sealed class SecretReferenceConfiguration : IEntityTypeConfiguration<SecretReference>
{
    public void Configure(EntityTypeBuilder<SecretReference> builder)
    {
        // No foreign key: secrets are stored when a create is proposed, before its environment exists.
        builder.HasIndex(r => new { r.EnvironmentId, r.Key }).IsUnique();
        builder.HasIndex(r => r.Name).IsUnique().HasFilter("name <> ''");

        // The lists: by what is due or expires first, of all teams or of one.
        builder.HasIndex(r => new { r.Key, r.Id });
        builder.HasIndex(r => new
        {
            r.TeamId,
            r.Key,
            r.Id,
        });
        builder.HasIndex(r => r.VaultName); // what a pin names
        builder.HasIndex(r => r.ExpiresAt);
        builder.HasIndex(r => r.DueAt);
        builder.OwnsLease();
        builder.Property(r => r.Version).IsConcurrencyToken();
        builder.HasMany(r => r.Settings).WithOne().HasForeignKey(s => s.SecretReferenceId);
        builder.HasMany(r => r.Marks).WithOne().HasForeignKey(m => m.SecretReferenceId);
        builder.Property(r => r.Name).HasDefaultValue("");
        builder.Property(r => r.Window).HasDefaultValue("");
        builder.Property(r => r.Provider).HasDefaultValue("");
        builder.HasMany(r => r.Versions).WithOne().HasForeignKey(v => v.SecretReferenceId);
    }
}

internal sealed class SecretVersionConfiguration : IEntityTypeConfiguration<SecretVersion>
{
    public void Configure(EntityTypeBuilder<SecretVersion> builder)
    {
        builder.HasKey(v => new { v.SecretReferenceId, v.Number });
        builder.Property(v => v.Address).HasMaxLength(500).HasDefaultValue("");
    }
}

internal sealed class ProviderSettingConfiguration : IEntityTypeConfiguration<ProviderSetting>
{
    public void Configure(EntityTypeBuilder<ProviderSetting> builder)
    {
        builder.HasKey(s => new { s.SecretReferenceId, s.Name });
        builder.HasIndex(s => new { s.Name, s.Value }); // two credentials on one account or user
    }
}

internal sealed class ProviderMarkConfiguration : IEntityTypeConfiguration<ProviderMark>
{
    public void Configure(EntityTypeBuilder<ProviderMark> builder) => builder.HasKey(m => new { m.SecretReferenceId, m.Mark });
}

internal sealed class IssueRequestConfiguration : IEntityTypeConfiguration<IssueRequest>
{
    public void Configure(EntityTypeBuilder<IssueRequest> builder)
    {
        // One per credential waits at a time; of two requests at once, the second waits for the first one's.
        builder.HasIndex(r => r.SecretReferenceId).IsUnique().HasFilter("ended_at IS NULL").HasDatabaseName("ix_issue_requests_waiting");
        builder.HasIndex(r => r.RequestedAt).HasFilter("ended_at IS NULL");
        builder.HasIndex(r => new { r.SecretReferenceId, r.EndedAt });
        builder.HasOne<SecretReference>().WithMany().HasForeignKey(r => r.SecretReferenceId);
        builder.Property(r => r.Message).HasMaxLength(2000).HasDefaultValue("");
        builder.Property(r => r.Code).HasDefaultValue("");
    }
}

internal sealed class SecretUseConfiguration : IEntityTypeConfiguration<SecretUse>
{
    public void Configure(EntityTypeBuilder<SecretUse> builder)
    {
        builder.HasKey(u => new { u.EnvironmentId, u.Key });
        builder.HasIndex(u => u.SecretReferenceId);
        builder.HasOne<SecretReference>().WithMany().HasForeignKey(u => u.SecretReferenceId).OnDelete(DeleteBehavior.Restrict);
    }
}

internal sealed class SecretAnomalyConfiguration : IEntityTypeConfiguration<SecretAnomaly>
{
    public void Configure(EntityTypeBuilder<SecretAnomaly> builder)
    {
        builder
            .HasIndex(a => new
            {
                a.VaultName,
                a.VaultVersion,
                a.Kind,
            })
            .IsUnique();
        builder.HasIndex(a => a.SecretReferenceId);
    }
}

internal sealed class RotationConfiguration : IEntityTypeConfiguration<Rotation>
{
    public void Configure(EntityTypeBuilder<Rotation> builder)
    {
        builder.HasIndex(r => new { r.SecretReferenceId, r.Id });

        // Few rows wait or run.
        builder.HasIndex(r => new { r.State, r.Id }).HasFilter("state in ('Pending', 'Running')");
        builder.HasOne<SecretReference>().WithMany().HasForeignKey(r => r.SecretReferenceId).OnDelete(DeleteBehavior.Restrict);
        builder.HasMany(r => r.Members).WithOne().HasForeignKey(m => m.RotationId);
        builder.Property(r => r.Reason).HasMaxLength(1000);
        builder.Property(r => r.Outcome).HasMaxLength(2000);
        builder.Property(r => r.Version).IsConcurrencyToken();
    }
}

internal sealed class RotationMemberConfiguration : IEntityTypeConfiguration<RotationMember>
{
    public void Configure(EntityTypeBuilder<RotationMember> builder)
    {
        builder.ToTable("rotation_member"); // as it was created, before it had a set of its own
        builder.HasKey(m => new { m.RotationId, m.EnvironmentId });
        builder.HasIndex(m => m.ChangeRequestId).IsUnique();
        builder.HasIndex(m => m.EnvironmentId);
    }
}
