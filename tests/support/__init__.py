"""What several tests share: cases, random cases and questions, servers, and scripts to run."""
